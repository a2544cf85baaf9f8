/// What lies between a bound socket and the bytes of MQTT: limits, the PROXY protocol, TLS,
/// WebSocket. Nothing here knows MQTT.
@NullMarked
package io.relais.broker.listener;

import org.jspecify.annotations.NullMarked;
