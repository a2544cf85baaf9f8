/// Single steps of the message path, measured with JMH by `benchmarks/micro`.
@NullMarked
package io.relais.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
