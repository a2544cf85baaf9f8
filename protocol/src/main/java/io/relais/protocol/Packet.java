package io.relais.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One control packet as a value, whatever the version. PUBLISH and the acks have a second face,
/// [PublishView] and [AckView], which the message path uses; a view can make its record.
///
/// Records hold what stood on the wire and was checked by the decoder; byte arrays are not copied
/// and must not be changed.
public sealed interface Packet {
  PacketType type();

  /// @param version of the protocol that this connection speaks
  /// @param bridge bit 0x80 of the protocol level was set: a bridge that wants no echo
  /// @param keepAliveSeconds 0 to 65,535; 0: none
  record Connect(
      ProtocolVersion version,
      boolean bridge,
      boolean cleanStart,
      int keepAliveSeconds,
      Properties properties,
      String clientId,
      @Nullable Will will,
      @Nullable String username,
      byte @Nullable [] password)
      implements Packet {
    @Override
    public PacketType type() {
      return PacketType.CONNECT;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Connect that
          && version == that.version
          && bridge == that.bridge
          && cleanStart == that.cleanStart
          && keepAliveSeconds == that.keepAliveSeconds
          && properties.equals(that.properties)
          && clientId.equals(that.clientId)
          && Objects.equals(will, that.will)
          && Objects.equals(username, that.username)
          && Arrays.equals(password, that.password);
    }

    @Override
    public int hashCode() {
      return Objects.hash(version, clientId, will, username, Arrays.hashCode(password));
    }

    /// Leaves the password out, since this may reach a log.
    @Override
    public String toString() {
      return "Connect[%s, clientId=%s, cleanStart=%s, keepAliveSeconds=%d, will=%s, username=%s, properties=%s]"
          .formatted(version, clientId, cleanStart, keepAliveSeconds, will, username, properties);
    }
  }

  /// The will of a CONNECT.
  record Will(String topic, byte[] payload, int qos, boolean retain, Properties properties) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Will that
          && topic.equals(that.topic)
          && Arrays.equals(payload, that.payload)
          && qos == that.qos
          && retain == that.retain
          && properties.equals(that.properties);
    }

    @Override
    public int hashCode() {
      return Objects.hash(topic, Arrays.hashCode(payload), qos, retain, properties);
    }

    @Override
    public String toString() {
      return "Will[%s, %d bytes, qos=%d, retain=%s, %s]"
          .formatted(topic, payload.length, qos, retain, properties);
    }
  }

  record Connack(boolean sessionPresent, ReasonCode reason, Properties properties)
      implements Packet {
    @Override
    public PacketType type() {
      return PacketType.CONNACK;
    }
  }

  /// @param packetId 1 to 65,535; 0 at QoS 0
  record Publish(
      boolean dup,
      int qos,
      boolean retain,
      String topic,
      int packetId,
      Properties properties,
      byte[] payload)
      implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PUBLISH;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Publish that
          && dup == that.dup
          && qos == that.qos
          && retain == that.retain
          && topic.equals(that.topic)
          && packetId == that.packetId
          && properties.equals(that.properties)
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return Objects.hash(qos, topic, packetId, properties, Arrays.hashCode(payload));
    }

    @Override
    public String toString() {
      return "Publish[%s, qos=%d, id=%d, dup=%s, retain=%s, %d bytes, %s]"
          .formatted(topic, qos, packetId, dup, retain, payload.length, properties);
    }
  }

  record Puback(int packetId, ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PUBACK;
    }
  }

  record Pubrec(int packetId, ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PUBREC;
    }
  }

  record Pubrel(int packetId, ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PUBREL;
    }
  }

  record Pubcomp(int packetId, ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PUBCOMP;
    }
  }

  record Subscribe(int packetId, Properties properties, List<Subscription> subscriptions)
      implements Packet {
    public Subscribe {
      subscriptions = List.copyOf(subscriptions);
    }

    @Override
    public PacketType type() {
      return PacketType.SUBSCRIBE;
    }
  }

  /// One filter of a SUBSCRIBE with its options. The decoder checks the string's UTF-8 only;
  /// whether it is a valid filter is told per filter in the SUBACK.
  ///
  /// @param retainHandling 0: send retained messages, 1: only if the subscription is new, 2: never
  record Subscription(
      String filter, int qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {}

  record Suback(int packetId, Properties properties, List<ReasonCode> reasons) implements Packet {
    public Suback {
      reasons = List.copyOf(reasons);
    }

    @Override
    public PacketType type() {
      return PacketType.SUBACK;
    }
  }

  record Unsubscribe(int packetId, Properties properties, List<String> filters) implements Packet {
    public Unsubscribe {
      filters = List.copyOf(filters);
    }

    @Override
    public PacketType type() {
      return PacketType.UNSUBSCRIBE;
    }
  }

  /// @param reasons one for each filter; not written in 3.x
  record Unsuback(int packetId, Properties properties, List<ReasonCode> reasons) implements Packet {
    public Unsuback {
      reasons = List.copyOf(reasons);
    }

    @Override
    public PacketType type() {
      return PacketType.UNSUBACK;
    }
  }

  record Pingreq() implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PINGREQ;
    }
  }

  record Pingresp() implements Packet {
    @Override
    public PacketType type() {
      return PacketType.PINGRESP;
    }
  }

  record Disconnect(ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.DISCONNECT;
    }
  }

  record Auth(ReasonCode reason, Properties properties) implements Packet {
    @Override
    public PacketType type() {
      return PacketType.AUTH;
    }
  }
}
