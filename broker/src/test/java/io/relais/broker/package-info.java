@NullMarked
package io.relais.broker;

import org.jspecify.annotations.NullMarked;
