/// Each statement of the standards, shown from outside, and the ledger that keeps count of it.
@NullMarked
package io.relais.systemtests.conformance;

import org.jspecify.annotations.NullMarked;
