/// The rules of CONTRIBUTING.md that a test can hold, and the names that documents quote.
@NullMarked
package io.relais.systemtests.architecture;

import org.jspecify.annotations.NullMarked;
