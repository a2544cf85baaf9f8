/// Takes over configurations of mosquitto.
@NullMarked
package io.relais.cli.mosquitto;

import org.jspecify.annotations.NullMarked;
