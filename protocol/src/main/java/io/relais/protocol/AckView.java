package io.relais.protocol;

import static java.util.Objects.requireNonNull;

/// A PUBACK, PUBREC, PUBREL or PUBCOMP as it lies in an array. Reused, like [PublishView].
///
/// Owner: whoever reads the connection. [#toPacket()] needs the array as it was.
public final class AckView {
  private PacketType type = PacketType.PUBACK;
  private int packetId;
  private int reasonCode;
  private byte[] array = {};
  private int propertiesStart;
  private int propertiesEnd;

  void onAck(PacketType type, int packetId, int reasonCode) {
    this.type = type;
    this.packetId = packetId;
    this.reasonCode = reasonCode;
  }

  void onProperties(byte[] array, int start, int end) {
    this.array = array;
    propertiesStart = start;
    propertiesEnd = end;
  }

  public PacketType type() {
    return type;
  }

  /// 1 to 65,535.
  public int packetId() {
    return packetId;
  }

  /// The byte on the wire, 0 to 255, one that [ReasonCode#of] knows; 0 in 3.x.
  public int reasonCode() {
    return reasonCode;
  }

  /// The packet as a value, with its properties.
  public Packet toPacket() {
    ReasonCode reason = requireNonNull(ReasonCode.of(reasonCode), "a reason that was not checked");
    Properties properties = Fields.trustedProperties(array, propertiesStart, propertiesEnd);
    return switch (type) {
      case PUBACK -> new Packet.Puback(packetId, reason, properties);
      case PUBREC -> new Packet.Pubrec(packetId, reason, properties);
      case PUBREL -> new Packet.Pubrel(packetId, reason, properties);
      case PUBCOMP -> new Packet.Pubcomp(packetId, reason, properties);
      default -> throw new IllegalStateException("No view is made of " + type);
    };
  }
}
