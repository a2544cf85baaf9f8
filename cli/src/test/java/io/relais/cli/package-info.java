@NullMarked
package io.relais.cli;

import org.jspecify.annotations.NullMarked;
