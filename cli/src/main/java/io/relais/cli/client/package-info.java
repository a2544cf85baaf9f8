/// The command line clients: `relais pub`, `relais sub` and `relais rr`.
@NullMarked
package io.relais.cli.client;

import org.jspecify.annotations.NullMarked;
