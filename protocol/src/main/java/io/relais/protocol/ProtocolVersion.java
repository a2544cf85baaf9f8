package io.relais.protocol;

/// The versions of MQTT that differ on the wire. Code that serves several takes one of these as an
/// argument; there are no parallel classes.
public enum ProtocolVersion {
  MQTT_3_1(3, "MQIsdp", "3.1"),
  MQTT_3_1_1(4, "MQTT", "3.1.1"),
  MQTT_5(5, "MQTT", "5.0");

  private final int level;
  private final String protocolName;
  private final String label;

  ProtocolVersion(int level, String protocolName, String label) {
    this.level = level;
    this.protocolName = protocolName;
    this.label = label;
  }

  /// The protocol level byte of CONNECT, without the bridge bit.
  public int level() {
    return level;
  }

  public String protocolName() {
    return protocolName;
  }

  /// As users write it: `3.1`, `3.1.1` or `5.0`.
  public String label() {
    return label;
  }

  public boolean isV5() {
    return this == MQTT_5;
  }
}
