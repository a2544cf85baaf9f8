@NullMarked
package io.relais.cli.bench;

import org.jspecify.annotations.NullMarked;
