package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// MQTT's bytes as a test client writes and reads them. Shares no code with the broker's codec on
/// purpose: a test client on the same codec could not see an error that both sides make. Simple
/// rather than fast.
///
/// Reading is strict: whatever a server must not send is an [AssertionError] that says what stood
/// where, so every test also checks reserved bits, lengths, reason codes and properties of all that
/// it receives.
public final class Wire {
  private Wire() {}

  /// @param version ignored for CONNECT, which names its own
  public static byte[] encode(Packet packet, ProtocolVersion version) {
    boolean v5 = version.isV5();
    return switch (packet) {
      case Packet.Connect p -> connect(p);
      case Packet.Publish p -> {
        Bytes body = new Bytes().string(p.topic());
        if (p.qos() > 0) {
          body.u16(p.packetId());
        }
        if (v5) {
          properties(body, p.properties());
        }
        int flags = (p.dup() ? 8 : 0) | p.qos() << 1 | (p.retain() ? 1 : 0);
        yield body.raw(p.payload()).packet(0x30 | flags);
      }
      case Packet.Puback p -> ack(p.type(), p.packetId(), p.reason(), p.properties(), v5);
      case Packet.Pubrec p -> ack(p.type(), p.packetId(), p.reason(), p.properties(), v5);
      case Packet.Pubrel p -> ack(p.type(), p.packetId(), p.reason(), p.properties(), v5);
      case Packet.Pubcomp p -> ack(p.type(), p.packetId(), p.reason(), p.properties(), v5);
      case Packet.Subscribe p -> {
        Bytes body = new Bytes().u16(p.packetId());
        if (v5) {
          properties(body, p.properties());
        }
        for (Packet.Subscription s : p.subscriptions()) {
          int options =
              s.qos()
                  | (s.noLocal() ? 4 : 0)
                  | (s.retainAsPublished() ? 8 : 0)
                  | s.retainHandling() << 4;
          body.string(s.filter()).u8(options);
        }
        yield body.packet(p.type().headerByte());
      }
      case Packet.Unsubscribe p -> {
        Bytes body = new Bytes().u16(p.packetId());
        if (v5) {
          properties(body, p.properties());
        }
        p.filters().forEach(body::string);
        yield body.packet(p.type().headerByte());
      }
      case Packet.Pingreq p -> new Bytes().packet(p.type().headerByte());
      case Packet.Disconnect p -> {
        Bytes body = new Bytes();
        if (v5 && (p.reason() != ReasonCode.SUCCESS || !p.properties().isEmpty())) {
          properties(body.u8(p.reason().code()), p.properties());
        }
        yield body.packet(p.type().headerByte());
      }
      case Packet.Auth p -> {
        Bytes body = new Bytes();
        properties(body.u8(p.reason().code()), p.properties());
        yield body.packet(p.type().headerByte());
      }
      case Packet.Connack p -> throw notFromClients(p);
      case Packet.Suback p -> throw notFromClients(p);
      case Packet.Unsuback p -> throw notFromClients(p);
      case Packet.Pingresp p -> throw notFromClients(p);
    };
  }

  private static byte[] connect(Packet.Connect p) {
    Packet.Will will = p.will();
    String username = p.username();
    byte[] password = p.password();
    int flags = p.cleanStart() ? 2 : 0;
    if (will != null) {
      flags |= 4 | will.qos() << 3 | (will.retain() ? 0x20 : 0);
    }
    flags |= (username != null ? 0x80 : 0) | (password != null ? 0x40 : 0);
    Bytes body =
        new Bytes()
            .string(p.version().protocolName())
            .u8(p.version().level() | (p.bridge() ? 0x80 : 0))
            .u8(flags)
            .u16(p.keepAliveSeconds());
    if (p.version().isV5()) {
      properties(body, p.properties());
    }
    body.string(p.clientId());
    if (will != null) {
      if (p.version().isV5()) {
        properties(body, will.properties());
      }
      body.string(will.topic()).binary(will.payload());
    }
    if (username != null) {
      body.string(username);
    }
    if (password != null) {
      body.binary(password);
    }
    return body.packet(p.type().headerByte());
  }

  private static byte[] ack(
      PacketType type, int packetId, ReasonCode reason, Properties properties, boolean v5) {
    Bytes body = new Bytes().u16(packetId);
    if (v5 && (reason != ReasonCode.SUCCESS || !properties.isEmpty())) {
      body.u8(reason.code());
      if (!properties.isEmpty()) {
        properties(body, properties);
      }
    }
    return body.packet(type.headerByte());
  }

  /// Writes properties with their length; tests that build packets by hand use it as well.
  public static void properties(Bytes to, Properties properties) {
    Bytes block = new Bytes();
    for (Properties.Entry entry : properties.entries()) {
      block.variable(entry.property().id());
      switch (entry.value()) {
        case Integer i when entry.property().kind() == Property.Kind.BYTE -> block.u8(i);
        case Integer i when entry.property().kind() == Property.Kind.TWO_BYTES -> block.u16(i);
        case Integer i -> block.variable(i);
        case Long l -> block.u32(l);
        case String s -> block.string(s);
        case byte[] b -> block.binary(b);
        case Properties.UserProperty(String name, String value) -> block.string(name).string(value);
        case Object o -> throw new IllegalStateException("no wire form for " + o.getClass());
      }
    }
    to.variable(block.size()).raw(block.toArray());
  }

  private static IllegalArgumentException notFromClients(Packet packet) {
    return new IllegalArgumentException(
        packet.type() + " is not a client's packet: send its bytes if that is the test");
  }

  /// Reads one packet of a server.
  ///
  /// @param firstByte of the fixed header
  /// @param body what Remaining Length counted
  public static Packet decode(int firstByte, byte[] body, ProtocolVersion version) {
    Cursor in = new Cursor(firstByte, body, version);
    Packet packet = in.packet();
    in.expectEnd();
    return packet;
  }

  private static final class Cursor {
    private final int firstByte;
    private final byte[] body;
    private final ProtocolVersion version;
    private int at;

    Cursor(int firstByte, byte[] body, ProtocolVersion version) {
      this.firstByte = firstByte;
      this.body = body;
      this.version = version;
    }

    Packet packet() {
      int number = firstByte >>> 4;
      PacketType type =
          Arrays.stream(PacketType.values())
              .filter(candidate -> candidate.number() == number)
              .findAny()
              .orElseThrow(() -> wrong("packet type 0 is reserved"));
      check(
          type == PacketType.PUBLISH || firstByte == type.headerByte(),
          type + " must begin with " + hex(type.headerByte()));
      return switch (type) {
        case CONNACK -> connack();
        case PUBLISH -> publish();
        case PUBACK -> {
          int id = packetId();
          yield new Packet.Puback(id, ackReason(type), ackProperties(type));
        }
        case PUBREC -> {
          int id = packetId();
          yield new Packet.Pubrec(id, ackReason(type), ackProperties(type));
        }
        case PUBREL -> {
          int id = packetId();
          yield new Packet.Pubrel(id, ackReason(type), ackProperties(type));
        }
        case PUBCOMP -> {
          int id = packetId();
          yield new Packet.Pubcomp(id, ackReason(type), ackProperties(type));
        }
        case SUBACK -> {
          int id = packetId();
          Properties properties = properties(type);
          yield new Packet.Suback(id, properties, reasons(type));
        }
        case UNSUBACK -> {
          int id = packetId();
          Properties properties = properties(type);
          yield new Packet.Unsuback(id, properties, version.isV5() ? reasons(type) : List.of());
        }
        case PINGRESP -> new Packet.Pingresp();
        case DISCONNECT -> {
          check(version.isV5(), "a server sends no DISCONNECT in MQTT " + version.label());
          yield new Packet.Disconnect(ackReason(type), ackProperties(type));
        }
        case AUTH -> {
          check(version.isV5(), "there is no AUTH in MQTT " + version.label());
          yield new Packet.Auth(ackReason(type), ackProperties(type));
        }
        case CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ ->
            throw wrong(type + " is not a server's packet");
      };
    }

    private Packet connack() {
      int flags = u8("acknowledge flags");
      check((flags & 0xFE) == 0, "acknowledge flags have reserved bits set: " + hex(flags));
      check(
          version != ProtocolVersion.MQTT_3_1 || flags == 0,
          "MQTT 3.1 has no Session Present, yet the byte is " + hex(flags));
      int code = u8("return code");
      ReasonCode reason;
      if (version.isV5()) {
        reason = reason(code, PacketType.CONNACK);
      } else {
        reason =
            switch (code) {
              case 0 -> ReasonCode.SUCCESS;
              case 1 -> ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
              case 2 -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
              case 3 -> ReasonCode.SERVER_UNAVAILABLE;
              case 4 -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
              case 5 -> ReasonCode.NOT_AUTHORIZED;
              default -> throw wrong("return codes go from 0 to 5, this is " + code);
            };
      }
      check(reason == ReasonCode.SUCCESS || flags == 0, "a refusal has Session Present 0");
      return new Packet.Connack(flags == 1, reason, properties(PacketType.CONNACK));
    }

    private Packet publish() {
      int qos = firstByte >>> 1 & 3;
      boolean dup = (firstByte & 8) != 0;
      check(qos != 3, "QoS bits are 11");
      check(qos > 0 || !dup, "DUP stands on a QoS 0 message");
      String topic = string("topic");
      int id = qos > 0 ? packetId() : 0;
      Properties properties = properties(PacketType.PUBLISH);
      check(
          !topic.isEmpty() || properties.has(Property.TOPIC_ALIAS), "an empty topic and no alias");
      check(properties.intValue(Property.TOPIC_ALIAS, 1) != 0, "topic alias 0");
      check(!topic.contains("+") && !topic.contains("#"), "a wildcard in the topic " + topic);
      byte[] payload = Arrays.copyOfRange(body, at, body.length);
      at = body.length;
      return new Packet.Publish(dup, qos, (firstByte & 1) != 0, topic, id, properties, payload);
    }

    /// The reason code of a packet in which it may be left out at the end.
    private ReasonCode ackReason(PacketType type) {
      if (at == body.length) {
        return ReasonCode.SUCCESS;
      }
      check(version.isV5(), type + " has no reason code in MQTT " + version.label());
      return reason(u8("reason code"), type);
    }

    private Properties ackProperties(PacketType type) {
      return at == body.length ? Properties.NONE : properties(type);
    }

    private List<ReasonCode> reasons(PacketType type) {
      List<ReasonCode> reasons = new ArrayList<>();
      while (at < body.length) {
        int code = u8("reason code");
        if (version == ProtocolVersion.MQTT_3_1_1 && code == 0x80) {
          reasons.add(ReasonCode.UNSPECIFIED_ERROR);
          continue;
        }
        check(version.isV5() || code <= 2, "no such return code in " + type + ": " + hex(code));
        reasons.add(reason(code, type));
      }
      return reasons;
    }

    private ReasonCode reason(int code, PacketType type) {
      ReasonCode reason = ReasonCode.of(code);
      if (reason == null || !reason.mayStandIn(type)) {
        throw wrong("reason code " + hex(code) + " may not stand in " + type);
      }
      return reason;
    }

    private Properties properties(PacketType type) {
      if (!version.isV5()) {
        return Properties.NONE;
      }
      int length = variable("property length");
      int end = at + length;
      check(end <= body.length, "properties of " + length + " bytes reach past the packet");
      List<Properties.Entry> entries = new ArrayList<>();
      while (at < end) {
        int id = variable("property identifier");
        Property property = null;
        for (Property candidate : Property.values()) {
          if (candidate.id() == id) {
            property = candidate;
          }
        }
        if (property == null || !property.mayStandIn(type)) {
          throw wrong("property " + hex(id) + " may not stand in " + type);
        }
        boolean mayRepeat =
            property == Property.USER_PROPERTY
                || (property == Property.SUBSCRIPTION_IDENTIFIER && type == PacketType.PUBLISH);
        for (Properties.Entry earlier : entries) {
          check(mayRepeat || earlier.property() != property, property + " stands twice");
        }
        String name = property.toString();
        Object value =
            switch (property.kind()) {
              case BYTE -> u8(name);
              case TWO_BYTES -> u16(name);
              case FOUR_BYTES -> (long) u16(name) << 16 | u16(name);
              case VARIABLE -> variable(name);
              case STRING -> string(name);
              case BINARY -> binary(name);
              case STRING_PAIR -> new Properties.UserProperty(string(name), string(name));
            };
        entries.add(new Properties.Entry(property, value));
      }
      check(at == end, "the last property reaches past the property length");
      return Properties.of(entries);
    }

    private int packetId() {
      int id = u16("packet identifier");
      check(id != 0, "packet identifier 0");
      return id;
    }

    private int u8(String what) {
      check(at < body.length, "the packet ends before its " + what);
      return body[at++] & 0xFF;
    }

    private int u16(String what) {
      return u8(what) << 8 | u8(what);
    }

    private int variable(String what) {
      int value = 0;
      for (int shift = 0; ; shift += 7) {
        check(shift <= 21, what + " takes more than four bytes");
        int b = u8(what);
        value |= (b & 0x7F) << shift;
        if (b < 0x80) {
          check(b != 0 || shift == 0, what + " is not in its shortest form");
          return value;
        }
      }
    }

    private byte[] binary(String what) {
      int length = u16(what);
      check(at + length <= body.length, what + " reaches past the packet");
      at += length;
      return Arrays.copyOfRange(body, at - length, at);
    }

    private String string(String what) {
      byte[] bytes = binary(what);
      try {
        String text =
            UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        check(text.indexOf('\0') < 0, what + " holds U+0000");
        return text;
      } catch (CharacterCodingException e) {
        AssertionError wrong = wrong(what + " is not UTF-8");
        wrong.initCause(e);
        throw wrong;
      }
    }

    void expectEnd() {
      check(at == body.length, (body.length - at) + " bytes stand behind the packet's end");
    }

    private void check(boolean holds, String otherwise) {
      if (!holds) {
        throw wrong(otherwise);
      }
    }

    private AssertionError wrong(String what) {
      int shown = Math.min(body.length, 64);
      return new AssertionError(
          "the server sent a wrong packet: %s (MQTT %s, at byte %d of the body; %s %s%s)"
              .formatted(
                  what,
                  version.label(),
                  at,
                  hex(firstByte),
                  HexFormat.of().formatHex(body, 0, shown),
                  shown < body.length ? "..." : ""));
    }
  }

  private static String hex(int value) {
    return "0x%02X".formatted(value);
  }
}
