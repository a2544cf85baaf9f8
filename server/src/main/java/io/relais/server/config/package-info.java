/// The configuration: what its keys are (the records), where values come from, and what is wrong
/// with them.
@NullMarked
package io.relais.server.config;

import org.jspecify.annotations.NullMarked;
