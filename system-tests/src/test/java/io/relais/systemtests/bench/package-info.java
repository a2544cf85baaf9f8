/// The load generator `relais bench` against a node, and against a server that does wrong.
@NullMarked
package io.relais.systemtests.bench;

import org.jspecify.annotations.NullMarked;
