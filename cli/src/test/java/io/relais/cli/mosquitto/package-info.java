@NullMarked
package io.relais.cli.mosquitto;

import org.jspecify.annotations.NullMarked;
