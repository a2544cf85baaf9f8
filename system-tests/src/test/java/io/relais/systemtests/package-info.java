/// Real clients and servers against the real program. See system-tests/README.md.
@NullMarked
package io.relais.systemtests;

import org.jspecify.annotations.NullMarked;
