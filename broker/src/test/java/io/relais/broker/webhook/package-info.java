@NullMarked
package io.relais.broker.webhook;

import org.jspecify.annotations.NullMarked;
