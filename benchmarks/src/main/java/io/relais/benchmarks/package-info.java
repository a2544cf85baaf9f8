/// Relais beside its peers under the same load: processes started and ended, runs, medians, one
/// table. See `benchmarks/README.md`.
@NullMarked
package io.relais.benchmarks;

import org.jspecify.annotations.NullMarked;
