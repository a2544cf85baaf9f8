/// What log lines look like and where they go.
@NullMarked
package io.relais.server.log;

import org.jspecify.annotations.NullMarked;
