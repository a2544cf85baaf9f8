package io.relais.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Names the statements of the standard that a test shows to hold: `MQTT-3.3.1-5` for one of MQTT
/// 5.0, `v3:MQTT-3.1.2-1` for one of 3.1.1, `MQIsdp-6` for an entry of docs/mqtt-3.1.md. The ledger
/// of the system tests refuses ids that no statement list has.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Conforms {
  String[] value();
}
