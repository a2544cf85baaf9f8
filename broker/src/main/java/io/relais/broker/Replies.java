package io.relais.broker;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import java.util.List;

/// Packets of the broker with less in them.
final class Replies {
  private Replies() {}

  /// The same packet without reason string and user properties. [MQTT-3.2.2-19] [MQTT-3.2.2-20]
  static Packet withoutProblems(Packet packet) {
    return switch (packet) {
      case Packet.Connack p ->
          new Packet.Connack(p.sessionPresent(), p.reason(), stripped(p.properties()));
      case Packet.Puback p -> new Packet.Puback(p.packetId(), p.reason(), stripped(p.properties()));
      case Packet.Pubrec p -> new Packet.Pubrec(p.packetId(), p.reason(), stripped(p.properties()));
      case Packet.Pubrel p -> new Packet.Pubrel(p.packetId(), p.reason(), stripped(p.properties()));
      case Packet.Pubcomp p ->
          new Packet.Pubcomp(p.packetId(), p.reason(), stripped(p.properties()));
      case Packet.Suback p ->
          new Packet.Suback(p.packetId(), stripped(p.properties()), p.reasons());
      case Packet.Unsuback p ->
          new Packet.Unsuback(p.packetId(), stripped(p.properties()), p.reasons());
      case Packet.Disconnect p -> new Packet.Disconnect(p.reason(), stripped(p.properties()));
      case Packet.Auth p -> new Packet.Auth(p.reason(), stripped(p.properties()));
      case Packet.Connect p -> p;
      case Packet.Publish p -> p;
      case Packet.Subscribe p -> p;
      case Packet.Unsubscribe p -> p;
      case Packet.Pingreq p -> p;
      case Packet.Pingresp p -> p;
    };
  }

  private static Properties stripped(Properties properties) {
    List<Properties.Entry> kept =
        properties.entries().stream()
            .filter(
                e ->
                    e.property() != Property.REASON_STRING
                        && e.property() != Property.USER_PROPERTY)
            .toList();
    return Properties.of(kept);
  }
}
