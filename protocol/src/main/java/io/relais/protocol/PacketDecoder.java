package io.relais.protocol;

import static io.relais.protocol.Fields.malformed;
import static io.relais.protocol.Fields.protocolError;
import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From bytes to packets: PUBLISH and the acks to reused views, all packets to records. Strict, but
/// for what clients of MQTT 3.1 are known to rely on; those places name the version.
///
/// Stateless. All of it is bounded by the packet given: nothing is read at or past `end`, and no
/// more is allocated than a small multiple of the packet's size.
public final class PacketDecoder {
  private static final int BRIDGE_BIT = 0x80;

  private PacketDecoder() {}

  /// The length of the packet that begins at `at`, with its fixed header, or 0 as long as the fixed
  /// header is not whole. The header's flags are checked as soon as they are there; those of
  /// CONNECT when it is decoded, since only its body tells the version.
  ///
  /// @param end where the bytes received end; may be before or after the packet's end
  /// @param maximumPacketSize in bytes, with the fixed header
  public static int frameLength(ProtocolVersion v, byte[] a, int at, int end, int maximumPacketSize)
      throws MalformedPacket {
    if (at >= end) {
      return 0;
    }
    checkHeaderByte(v, a[at]);
    int remaining = 0;
    for (int i = 0; i < 4; i++) {
      int next = at + 1 + i;
      if (next >= end) {
        return 0;
      }
      byte b = a[next];
      remaining |= (b & 0x7F) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) { // [MQTT-1.5.5-1]
          throw malformed(
              "The Remaining Length %d is written in %d bytes; the shortest form is the only one"
                  .formatted(remaining, i + 1));
        }
        int length = 2 + i + remaining;
        if (length > maximumPacketSize) {
          throw new MalformedPacket(
              ReasonCode.PACKET_TOO_LARGE,
              "A packet of %d bytes is announced; the maximum is %d"
                  .formatted(length, maximumPacketSize));
        }
        return length;
      }
    }
    throw malformed("The Remaining Length is longer than 4 bytes");
  }

  private static void checkHeaderByte(ProtocolVersion v, byte header) throws MalformedPacket {
    if ((header & 0xF0) == 0) {
      throw malformed("The packet type is 0, which no packet has");
    }
    PacketType type = type(header);
    int flags = header & 0x0F;
    boolean lenient = v == MQTT_3_1; // [MQIsdp-9]: the unused bits were not said to be 0
    switch (type) {
      case CONNECT -> {}
      case PUBLISH -> {
        if ((flags & 0x06) == 0x06) { // [MQTT-3.3.1-4] [v3:MQTT-3.3.1-4]
          throw malformed("The QoS of PUBLISH is 3; it is 0, 1 or 2");
        }
        if ((flags & 0x0E) == 0x08 && !lenient) { // [MQTT-3.3.1-2] [v3:MQTT-3.3.1-2]
          throw malformed("PUBLISH has DUP set at QoS 0");
        }
      }
      case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> {
        // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [v3:MQTT-3.6.1-1] [v3:MQTT-3.8.1-1]
        // [v3:MQTT-3.10.1-1]; [MQIsdp-10]: they had a QoS of 1 and a DUP of their own
        if (flags != 0x02 && !(lenient && (flags & 0x06) == 0x02)) {
          throw wrongFlags(type, flags, 0x02);
        }
      }
      case AUTH -> {
        if (v != MQTT_5) {
          throw malformed(
              "The packet type is 15, which no packet of MQTT %s has".formatted(v.label()));
        }
        if (flags != 0) { // [MQTT-3.15.1-1]
          throw wrongFlags(type, flags, 0);
        }
      }
      case CONNACK, PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT -> {
        // [MQTT-2.1.3-1] [MQTT-3.14.1-1] [v3:MQTT-2.2.2-1] [v3:MQTT-2.2.2-2] [v3:MQTT-3.14.1-1]
        if (flags != 0 && !lenient) {
          throw wrongFlags(type, flags, 0);
        }
      }
    }
  }

  private static MalformedPacket wrongFlags(PacketType type, int flags, int right) {
    return malformed("The flags of %s are 0x%X; they are 0x%X".formatted(type, flags, right));
  }

  private static PacketType type(byte header) {
    return PacketType.of(header >> 4 & 0x0F);
  }

  /// Decodes the PUBLISH that fills `at` to `end`. All is checked but the topic's characters, which
  /// are left to [PublishView#checkTopic()].
  public static void publish(
      ProtocolVersion v, Sender from, byte[] a, int at, int end, PublishView into)
      throws MalformedPacket {
    int body = bodyOf(v, a, at, end);
    requireType(type(a[at]) == PacketType.PUBLISH, a[at]);
    int next = Fields.binaryEnd(a, body, end, "The Topic Name of PUBLISH");
    into.onHeader(v, a, at, end, body + 2, next);
    if (into.qos() > 0) { // [MQTT-2.2.1-2] [v3:MQTT-2.3.1-5]
      Fields.packetId(a, next, end, PacketType.PUBLISH);
      next += 2;
    }
    if (!v.isV5()) {
      into.onProperties(next, next);
      return;
    }
    int length = Fields.variable(a, next, end, "The Property Length of PUBLISH");
    int properties = next + PacketEncoder.variableSize(length);
    int payload = Fields.bytesEnd(a, properties, end, length, "The properties of PUBLISH");
    into.onProperties(properties, payload);
    if (length > 0) {
      Fields.checkProperties(a, properties, payload, PacketType.PUBLISH, false, from, into);
    }
  }

  /// The same for bytes that this process has checked before: finds the places only.
  public static void publishTrusted(
      ProtocolVersion v, byte[] a, int at, int end, PublishView into) {
    int body = afterVariable(a, at + 1);
    int next = body + 2 + Fields.unsignedShort(a, body);
    into.onHeader(v, a, at, end, body + 2, next);
    if (into.qos() > 0) {
      next += 2;
    }
    if (!v.isV5()) {
      into.onProperties(next, next);
      return;
    }
    int properties = afterVariable(a, next);
    int payload = properties + Fields.trustedVariable(a, next);
    into.onProperties(properties, payload);
    while (properties < payload) {
      int stop = Fields.trustedPropertyEnd(a, properties);
      into.onProperty(Fields.trustedProperty(a, properties), properties + 1, stop);
      properties = stop;
    }
  }

  /// Decodes the PUBACK, PUBREC, PUBREL or PUBCOMP that fills `at` to `end`. Which side sent it
  /// makes no difference.
  public static void ack(ProtocolVersion v, byte[] a, int at, int end, AckView into)
      throws MalformedPacket {
    int body = bodyOf(v, a, at, end);
    PacketType type = type(a[at]);
    requireType(isAck(type), a[at]);
    int id = Fields.packetId(a, body, end, type);
    int next = body + 2;
    if (next == end || !v.isV5()) {
      if (next != end) {
        throw malformed(
            "%d bytes stand after the Packet Identifier of %s".formatted(end - next, type));
      }
      into.onAck(type, id, 0);
      into.onProperties(a, end, end);
      return;
    }
    into.onAck(type, id, Fields.reason(a[next], type).code());
    next++;
    if (next == end) {
      into.onProperties(a, end, end);
      return;
    }
    int length = Fields.variable(a, next, end, "The Property Length");
    next += PacketEncoder.variableSize(length);
    if (Fields.bytesEnd(a, next, end, length, "The properties") != end) {
      throw malformed(
          "%d bytes stand after the properties of %s".formatted(end - next - length, type));
    }
    Fields.checkProperties(a, next, end, type, false, Sender.CLIENT, null);
    into.onProperties(a, next, end);
  }

  private static boolean isAck(PacketType type) {
    return switch (type) {
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> true;
      default -> false;
    };
  }

  private static void requireType(boolean fits, byte header) {
    if (!fits) {
      throw new IllegalArgumentException("No view of this kind is made of " + type(header));
    }
  }

  /// Where the variable header begins, once the fixed header is found to agree with `end`.
  private static int bodyOf(ProtocolVersion v, byte[] a, int at, int end) throws MalformedPacket {
    int length = frameLength(v, a, at, end, Integer.MAX_VALUE);
    if (length == 0 || length != end - at) {
      throw malformed(
          "The fixed header announces %d bytes in all, but the packet has %d"
              .formatted(length, end - at));
    }
    return afterVariable(a, at + 1);
  }

  private static int afterVariable(byte[] a, int at) {
    while (a[at] < 0) {
      at++;
    }
    return at + 1;
  }

  /// Decodes the packet that fills `at` to `end`, with all checks.
  ///
  /// @param v of the connection; a CONNECT says its own
  public static Packet decode(ProtocolVersion v, Sender from, byte[] a, int at, int end)
      throws MalformedPacket {
    int body = bodyOf(v, a, at, end);
    PacketType type = type(a[at]);
    checkSender(v, from, type);
    Reader in = new Reader(a, body, end);
    Packet packet =
        switch (type) {
          case CONNECT -> connect(a[at] & 0x0F, from, in);
          case CONNACK -> connack(v, from, in);
          case PUBLISH -> {
            PublishView view = new PublishView();
            publish(v, from, a, at, end, view);
            view.checkTopic();
            yield view.toPacket();
          }
          case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
            AckView view = new AckView();
            ack(v, a, at, end, view);
            yield view.toPacket();
          }
          case SUBSCRIBE -> subscribe(v, from, in);
          case SUBACK -> suback(v, from, in);
          case UNSUBSCRIBE -> unsubscribe(v, from, in);
          case UNSUBACK -> unsuback(v, from, in);
          case PINGREQ -> new Packet.Pingreq();
          case PINGRESP -> new Packet.Pingresp();
          case DISCONNECT -> disconnect(v, from, in);
          case AUTH -> auth(from, in);
        };
    if (type != PacketType.PUBLISH && !isAck(type)) { // which are at their end by their own checks
      in.expectEnd(type);
    }
    return packet;
  }

  private static void checkSender(ProtocolVersion v, Sender from, PacketType type)
      throws MalformedPacket {
    boolean allowed =
        switch (type) {
          case CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ -> from == Sender.CLIENT;
          case CONNACK, SUBACK, UNSUBACK, PINGRESP -> from == Sender.SERVER;
          case DISCONNECT -> from == Sender.CLIENT || v.isV5();
          case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, AUTH -> true;
        };
    if (!allowed) {
      throw protocolError("A %s sends no %s in MQTT %s".formatted(from, type, v.label()));
    }
  }

  private static Packet.Connect connect(int headerFlags, Sender from, Reader in)
      throws MalformedPacket {
    String name = in.string("The Protocol Name");
    int level = in.unsignedByte("The Protocol Level");
    // [MQIsdp-20]
    boolean bridge = level == (3 | BRIDGE_BIT) || level == (4 | BRIDGE_BIT);
    ProtocolVersion v = version(name, bridge ? level & ~BRIDGE_BIT : level);
    boolean lenient = v == MQTT_3_1;
    if (headerFlags != 0 && !lenient) { // [MQTT-2.1.3-1] [v3:MQTT-2.2.2-2]
      throw wrongFlags(PacketType.CONNECT, headerFlags, 0);
    }
    int flags = in.unsignedByte("The Connect Flags");
    if ((flags & 0x01) != 0 && !lenient) { // [MQTT-3.1.2-3] [v3:MQTT-3.1.2-3] [MQIsdp-7]
      throw malformed(
          "Bit 0 of the Connect Flags (0x%02X) is 1; it is reserved and 0".formatted(flags));
    }
    int keepAlive = in.unsignedShort("The Keep Alive");
    Properties properties =
        v.isV5() ? in.properties(PacketType.CONNECT, false, from) : Properties.NONE;
    // [MQTT-3.1.3-1] [v3:MQTT-3.1.3-1]: the order of the payload
    String clientId = in.string("The Client Identifier"); // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
    boolean cleanStart = (flags & 0x02) != 0;
    if (clientId.isEmpty() && (lenient || (v == ProtocolVersion.MQTT_3_1_1 && !cleanStart))) {
      throw new MalformedPacket( // [v3:MQTT-3.1.3-7] [v3:MQTT-3.1.3-8] [MQIsdp-2]
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
          "The Client Identifier is empty, which MQTT %s allows %s"
              .formatted(v.label(), lenient ? "never" : "with Clean Session 1 only"));
    }
    Packet.Will will = will(v, from, flags, in);
    boolean hasUsername = (flags & 0x80) != 0;
    boolean hasPassword = (flags & 0x40) != 0;
    if (hasPassword && !hasUsername && !v.isV5()) { // [v3:MQTT-3.1.2-22]
      throw malformed("The Password Flag is 1 and the User Name Flag 0; 3.x needs both");
    }
    // [MQIsdp-6]: the Remaining Length wins over the flags, a string that is missing was not given
    // [MQTT-3.1.2-17] [MQTT-3.1.2-19] [v3:MQTT-3.1.2-19] [v3:MQTT-3.1.2-21]
    String username =
        hasUsername && !(lenient && in.atEnd())
            ? in.string("The User Name") // [MQTT-3.1.3-12] [v3:MQTT-3.1.3-11]
            : null;
    byte @Nullable [] password =
        hasPassword && !(lenient && in.atEnd()) ? in.binary("The Password") : null;
    return new Packet.Connect(
        v, bridge, cleanStart, keepAlive, properties, clientId, will, username, password);
  }

  /// [MQTT-3.1.2-1] [MQTT-3.1.2-2] [v3:MQTT-3.1.2-1] [v3:MQTT-3.1.2-2]
  private static ProtocolVersion version(String name, int level) throws MalformedPacket {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      if (version.level() == level && version.protocolName().equals(name)) {
        return version;
      }
    }
    throw new MalformedPacket( // [MQIsdp-1]
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        "The Protocol Name has %d characters and the level is 0x%02X; spoken are MQIsdp 3, MQTT 4 and MQTT 5"
            .formatted(name.length(), level));
  }

  private static Packet.@Nullable Will will(ProtocolVersion v, Sender from, int flags, Reader in)
      throws MalformedPacket {
    int qos = flags >> 3 & 0x03;
    boolean retain = (flags & 0x20) != 0;
    if ((flags & 0x04) == 0) {
      // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [v3:MQTT-3.1.2-11] [v3:MQTT-3.1.2-13] [v3:MQTT-3.1.2-15]
      // [MQIsdp-7]
      if ((qos != 0 || retain) && v != MQTT_3_1) {
        throw malformed("Will QoS or Will Retain is set in the Connect Flags without a will");
      }
      return null;
    }
    if (qos == 3) { // [MQTT-3.1.2-12] [v3:MQTT-3.1.2-14] [MQIsdp-8]
      throw malformed("The Will QoS is 3; it is 0, 1 or 2");
    }
    // [MQTT-3.1.2-9] [v3:MQTT-3.1.2-9]
    Properties properties =
        v.isV5() ? in.properties(PacketType.CONNECT, true, from) : Properties.NONE;
    String topic = in.topic("The Will Topic"); // [MQTT-3.1.3-11] [v3:MQTT-3.1.3-10]
    return new Packet.Will(topic, in.binary("The Will Payload"), qos, retain, properties);
  }

  /// The level of a CONNECT without the bridge bit, so that one that was refused can be answered in
  /// words which its sender knows; -1 where this is no CONNECT, or its protocol name is none of
  /// MQTT's.
  public static int connectLevel(byte[] a, int at, int end) {
    if (at >= end || (a[at] & 0xF0) != 0x10) {
      return -1;
    }
    int name = at + 1;
    while (name < end && a[name] < 0) {
      name++;
    }
    name++;
    for (String known : new String[] {"MQTT", "MQIsdp"}) {
      int level = name + 2 + known.length();
      if (level < end
          && Fields.unsignedShort(a, name) == known.length()
          && Fields.string(a, name + 2, level).equals(known)) {
        return a[level] & ~BRIDGE_BIT & 0xFF;
      }
    }
    return -1;
  }

  private static Packet.Connack connack(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    int flags = in.unsignedByte("The Connect Acknowledge Flags");
    int code = in.unsignedByte("The Reason Code of CONNACK");
    if (v == MQTT_3_1) {
      flags = 0; // reserved there [MQIsdp-4]
    }
    if (flags > 1) { // [MQTT-3.2.2-1]
      throw malformed(
          "The Connect Acknowledge Flags are 0x%02X; bits 7 to 1 are 0".formatted(flags));
    }
    ReasonCode reason;
    if (v.isV5()) {
      reason = Fields.reason(code, PacketType.CONNACK);
    } else {
      ReasonCode known = ReasonCode.ofConnackV3(code);
      if (known == null) {
        throw malformed("The Return Code of CONNACK is %d; it is 0 to 5".formatted(code));
      }
      reason = known;
    }
    if (flags == 1 && reason != ReasonCode.SUCCESS) { // [MQTT-3.2.2-6] [v3:MQTT-3.2.2-4]
      throw protocolError(
          "CONNACK has Session Present 1 with %s; it is 0 on refusal".formatted(reason));
    }
    return new Packet.Connack(flags == 1, reason, propertiesOf(PacketType.CONNACK, v, from, in));
  }

  private static Properties propertiesOf(PacketType type, ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    return v.isV5() ? in.properties(type, false, from) : Properties.NONE;
  }

  private static Packet.Subscribe subscribe(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    int id = in.packetId(PacketType.SUBSCRIBE);
    Properties properties = propertiesOf(PacketType.SUBSCRIBE, v, from, in);
    List<Packet.Subscription> subscriptions = new ArrayList<>();
    while (!in.atEnd()) {
      String filter = in.string("A Topic Filter of SUBSCRIBE"); // [MQTT-3.8.3-1] [v3:MQTT-3.8.3-1]
      subscriptions.add(subscription(v, filter, in.unsignedByte("The Subscription Options")));
    }
    if (subscriptions.isEmpty() && v != MQTT_3_1) {
      // [MQTT-3.8.3-2] [v3:MQTT-3.8.3-3] [MQIsdp-14]
      throw protocolError("SUBSCRIBE has no Topic Filter; it has at least one");
    }
    return new Packet.Subscribe(id, properties, subscriptions);
  }

  private static Packet.Subscription subscription(ProtocolVersion v, String filter, int options)
      throws MalformedPacket {
    int reserved =
        switch (v) {
          case MQTT_3_1 -> 0; // [MQIsdp-13]
          case MQTT_3_1_1 -> 0xFC; // [v3:MQTT-3.8.3-4]
          case MQTT_5 -> 0xC0; // [MQTT-3.8.3-5]
        };
    if ((options & reserved) != 0) {
      throw malformed(
          "The Subscription Options are 0x%02X; reserved bits are 0".formatted(options));
    }
    int qos = options & 0x03;
    int retainHandling = v.isV5() ? options >> 4 & 0x03 : 0;
    if (qos == 3) {
      throw v.isV5()
          ? protocolError("The QoS in the Subscription Options is 3; it is 0, 1 or 2")
          : malformed("The requested QoS is 3; it is 0, 1 or 2");
    }
    if (retainHandling == 3) {
      throw protocolError("The Retain Handling in the Subscription Options is 3; it is 0 to 2");
    }
    boolean noLocal = v.isV5() && (options & 0x04) != 0;
    if (noLocal && filter.startsWith(SubscriptionFilter.SHARE_PREFIX)) { // [MQTT-3.8.3-4]
      throw protocolError("No Local is set on a shared subscription");
    }
    boolean retainAsPublished = v.isV5() && (options & 0x08) != 0;
    return new Packet.Subscription(filter, qos, noLocal, retainAsPublished, retainHandling);
  }

  private static Packet.Suback suback(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    int id = in.packetId(PacketType.SUBACK);
    Properties properties = propertiesOf(PacketType.SUBACK, v, from, in);
    List<ReasonCode> reasons = new ArrayList<>();
    while (!in.atEnd()) {
      ReasonCode reason = in.reason(PacketType.SUBACK);
      boolean known =
          switch (v) {
            case MQTT_3_1 -> !reason.isError();
            case MQTT_3_1_1 -> // [v3:MQTT-3.9.3-2]
                !reason.isError() || reason == ReasonCode.UNSPECIFIED_ERROR;
            case MQTT_5 -> true;
          };
      if (!known) {
        throw malformed("SUBACK of MQTT %s has no code 0x%02X".formatted(v.label(), reason.code()));
      }
      reasons.add(reason);
    }
    if (reasons.isEmpty() && v != MQTT_3_1) {
      throw protocolError("SUBACK has no code; it has one for each Topic Filter");
    }
    return new Packet.Suback(id, properties, reasons);
  }

  private static Packet.Unsubscribe unsubscribe(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    int id = in.packetId(PacketType.UNSUBSCRIBE);
    Properties properties = propertiesOf(PacketType.UNSUBSCRIBE, v, from, in);
    List<String> filters = new ArrayList<>();
    while (!in.atEnd()) { // [MQTT-3.10.3-1] [v3:MQTT-3.10.3-1]
      filters.add(in.string("A Topic Filter of UNSUBSCRIBE"));
    }
    if (filters.isEmpty() && v != MQTT_3_1) { // [MQTT-3.10.3-2] [v3:MQTT-3.10.3-2]
      throw protocolError("UNSUBSCRIBE has no Topic Filter; it has at least one");
    }
    return new Packet.Unsubscribe(id, properties, filters);
  }

  private static Packet.Unsuback unsuback(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    int id = in.packetId(PacketType.UNSUBACK);
    Properties properties = propertiesOf(PacketType.UNSUBACK, v, from, in);
    List<ReasonCode> reasons = new ArrayList<>();
    while (v.isV5() && !in.atEnd()) {
      reasons.add(in.reason(PacketType.UNSUBACK));
    }
    if (reasons.isEmpty() && v.isV5()) {
      throw protocolError("UNSUBACK has no Reason Code; it has one for each Topic Filter");
    }
    return new Packet.Unsuback(id, properties, reasons);
  }

  private static Packet.Disconnect disconnect(ProtocolVersion v, Sender from, Reader in)
      throws MalformedPacket {
    if (!v.isV5() || in.atEnd()) {
      return new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE);
    }
    ReasonCode reason = in.reason(PacketType.DISCONNECT);
    if (reason == ReasonCode.DISCONNECT_WITH_WILL && from == Sender.SERVER) {
      throw protocolError("A server sends no DISCONNECT with DISCONNECT_WITH_WILL");
    }
    Properties properties =
        in.atEnd() ? Properties.NONE : in.properties(PacketType.DISCONNECT, false, from);
    return new Packet.Disconnect(reason, properties);
  }

  /// Only a success without properties, which is the empty packet, comes without a method.
  private static Packet.Auth auth(Sender from, Reader in) throws MalformedPacket {
    boolean empty = in.atEnd();
    ReasonCode reason = empty ? ReasonCode.SUCCESS : in.reason(PacketType.AUTH);
    boolean wrongSide =
        (reason == ReasonCode.SUCCESS && from == Sender.CLIENT)
            || (reason == ReasonCode.REAUTHENTICATE && from == Sender.SERVER);
    if (wrongSide) { // [MQTT-3.15.2-1] names the sender of each
      throw protocolError("A %s sends no AUTH with %s".formatted(from, reason));
    }
    if (empty) {
      return new Packet.Auth(reason, Properties.NONE);
    }
    Properties properties = in.properties(PacketType.AUTH, false, from);
    if (!properties.has(Property.AUTHENTICATION_METHOD)) {
      throw protocolError("AUTH has no AUTHENTICATION_METHOD");
    }
    return new Packet.Auth(reason, properties);
  }
}
