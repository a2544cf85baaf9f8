@NullMarked
package io.relais.broker.access;

import org.jspecify.annotations.NullMarked;
