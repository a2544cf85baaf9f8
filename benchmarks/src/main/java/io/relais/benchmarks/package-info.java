/// See ARCHITECTURE.md.
@NullMarked
package io.relais.benchmarks;

import org.jspecify.annotations.NullMarked;
