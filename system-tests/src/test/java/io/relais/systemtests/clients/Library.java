package io.relais.systemtests.clients;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;

import io.relais.protocol.ProtocolVersion;
import java.util.List;

/// The clients that Relais is tested with, and what each of them can.
enum Library {
  /// Debian's mosquitto_pub and mosquitto_sub, which are built without WebSocket.
  MOSQUITTO,
  PAHO_JAVA_3,
  PAHO_JAVA_5,
  HIVEMQ,
  MQTT_JS,
  PAHO_PYTHON;

  List<ProtocolVersion> versions() {
    return switch (this) {
      case MOSQUITTO, MQTT_JS, PAHO_PYTHON -> List.of(MQTT_3_1, MQTT_3_1_1, MQTT_5);
      case PAHO_JAVA_3 -> List.of(MQTT_3_1, MQTT_3_1_1);
      case PAHO_JAVA_5 -> List.of(MQTT_5);
      case HIVEMQ -> List.of(MQTT_3_1_1, MQTT_5);
    };
  }

  List<Transport> transports() {
    return this == MOSQUITTO ? List.of(Transport.TCP, Transport.TLS) : List.of(Transport.values());
  }

  /// Whether it leaves in order but asks for its will (reason 0x04), as mosquitto_sub does in 5.0.
  boolean leavesWithWill(ProtocolVersion version) {
    return this == MOSQUITTO && version.isV5();
  }

  /// Connects.
  ///
  /// @throws Refused if the broker says no; mosquitto's programs say so at the first publish or
  ///   subscribe, since each of those is a connection of its own
  RealClient open(Opening how) {
    return switch (this) {
      case MOSQUITTO -> new MosquittoClient(how);
      case PAHO_JAVA_3 -> new PahoClient3(how);
      case PAHO_JAVA_5 -> new PahoClient5(how);
      case HIVEMQ -> HiveMqClients.open(how);
      case MQTT_JS -> new ScriptedClient(ScriptProcess.node(), how);
      case PAHO_PYTHON -> new ScriptedClient(ScriptProcess.python(), how);
    };
  }
}
