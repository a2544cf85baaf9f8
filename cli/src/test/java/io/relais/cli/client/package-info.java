@NullMarked
package io.relais.cli.client;

import org.jspecify.annotations.NullMarked;
