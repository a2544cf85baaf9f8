/// Queues that are handed out to the members of a shared group, under change, at their limits and
/// over restarts.
@NullMarked
package io.relais.systemtests.queues;

import org.jspecify.annotations.NullMarked;
