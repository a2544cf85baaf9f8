package io.relais.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How tests write a packet down in one line, so that it can be compared and read: `PUBLISH q1 id=7
/// a/b "x" topic-alias=3`. Nothing of the packet is left out.
public final class PacketNotation {
  private PacketNotation() {}

  public static String of(Packet packet, ProtocolVersion v) {
    return switch (packet) {
      case Packet.Connect p -> of(p);
      case Packet.Connack(boolean present, ReasonCode reason, Properties properties) ->
          "CONNACK"
              + (present ? " session-present" : "")
              + code(v.isV5() ? reason.code() : reason.connackCodeV3())
              + of(properties);
      case Packet.Publish p ->
          "PUBLISH"
              + flags(p.qos(), p.retain(), p.dup())
              + (p.qos() > 0 ? " id=" + p.packetId() : "")
              + " "
              + word(p.topic())
              + " "
              + bytes(p.payload())
              + of(p.properties());
      case Packet.Puback p -> p.type() + id(p.packetId()) + reason(p.reason()) + of(p.properties());
      case Packet.Pubrec p -> p.type() + id(p.packetId()) + reason(p.reason()) + of(p.properties());
      case Packet.Pubrel p -> p.type() + id(p.packetId()) + reason(p.reason()) + of(p.properties());
      case Packet.Pubcomp p ->
          p.type() + id(p.packetId()) + reason(p.reason()) + of(p.properties());
      case Packet.Subscribe(int id, Properties properties, List<Packet.Subscription> all) -> {
        StringBuilder text = new StringBuilder("SUBSCRIBE").append(id(id));
        for (Packet.Subscription s : all) {
          text.append(' ').append(word(s.filter())).append(" q").append(s.qos());
          text.append(s.noLocal() ? " no-local" : "");
          text.append(s.retainAsPublished() ? " retain-as-published" : "");
          text.append(s.retainHandling() > 0 ? " retain-handling=" + s.retainHandling() : "");
        }
        yield text + of(properties);
      }
      case Packet.Suback(int id, Properties properties, List<ReasonCode> reasons) ->
          "SUBACK" + id(id) + codes(reasons) + of(properties);
      case Packet.Unsubscribe(int id, Properties properties, List<String> filters) -> {
        StringBuilder text = new StringBuilder("UNSUBSCRIBE").append(id(id));
        filters.forEach(filter -> text.append(' ').append(word(filter)));
        yield text + of(properties);
      }
      case Packet.Unsuback(int id, Properties properties, List<ReasonCode> reasons) ->
          "UNSUBACK" + id(id) + codes(reasons) + of(properties);
      case Packet.Pingreq() -> "PINGREQ";
      case Packet.Pingresp() -> "PINGRESP";
      case Packet.Disconnect(ReasonCode reason, Properties properties) ->
          "DISCONNECT" + reason(reason) + of(properties);
      case Packet.Auth(ReasonCode reason, Properties properties) ->
          "AUTH" + code(reason.code()) + of(properties);
    };
  }

  private static String of(Packet.Connect p) {
    Packet.Will will = p.will();
    return "CONNECT v"
        + p.version().label()
        + " id="
        + word(p.clientId())
        + (p.cleanStart() ? "" : " resuming")
        + (p.bridge() ? " bridge" : "")
        + (p.keepAliveSeconds() > 0 ? " keep-alive=" + p.keepAliveSeconds() : "")
        + optional(" username=", p.username() == null ? null : word(p.username()))
        + optional(" password=", p.password() == null ? null : bytes(p.password()))
        + of(p.properties())
        + (will == null
            ? ""
            : " will"
                + flags(will.qos(), will.retain(), false)
                + " "
                + word(will.topic())
                + " "
                + bytes(will.payload())
                + of(will.properties()));
  }

  private static String optional(String before, @Nullable String text) {
    return text == null ? "" : before + text;
  }

  private static String of(Properties properties) {
    StringBuilder text = new StringBuilder();
    for (Properties.Entry entry : properties.entries()) {
      if (entry.value() instanceof Properties.UserProperty(String name, String value)) {
        text.append(" user:").append(word(name)).append('=').append(quoted(value));
        continue;
      }
      text.append(' ').append(entry.property().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      text.append('=');
      text.append(
          switch (entry.value()) {
            case String s -> quoted(s);
            case byte[] b -> "hex:" + HexFormat.of().formatHex(b);
            default -> entry.value().toString();
          });
    }
    return text.toString();
  }

  private static String id(int packetId) {
    return " id=" + packetId;
  }

  private static String flags(int qos, boolean retain, boolean dup) {
    return " q" + qos + (retain ? " retain" : "") + (dup ? " dup" : "");
  }

  private static String reason(ReasonCode reason) {
    return reason == ReasonCode.SUCCESS ? "" : code(reason.code());
  }

  private static String codes(List<ReasonCode> reasons) {
    StringBuilder text = new StringBuilder();
    reasons.forEach(reason -> text.append(code(reason.code())));
    return text.toString();
  }

  private static String code(int code) {
    return " 0x%02X".formatted(code);
  }

  /// Bare where nothing in it could be mistaken.
  private static String word(String text) {
    boolean bare = !text.isEmpty() && text.chars().noneMatch(c -> c == ' ' || c == '"');
    return bare && quoted(text).length() == text.length() + 2 ? text : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                out.append("\\u%04X".formatted(c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }

  private static String bytes(byte[] bytes) {
    for (byte b : bytes) {
      if (b < ' ' || b == 0x7F) {
        return "hex:" + HexFormat.of().formatHex(bytes);
      }
    }
    return quoted(new String(bytes, UTF_8));
  }
}
