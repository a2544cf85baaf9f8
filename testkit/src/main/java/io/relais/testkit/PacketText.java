package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// The one way in which tests write packets down: `PUBLISH q1 id=7 a/b "x"`. Traces of failed tests
/// and wire transcripts use it; system-tests/README.md has it in full.
public final class PacketText {
  private static final int PAYLOAD_SHOWN_MAX = 200;

  private PacketText() {}

  public static String of(Packet packet, ProtocolVersion version) {
    return switch (packet) {
      case Packet.Connect p -> connect(p);
      case Packet.Connack p ->
          "CONNACK"
              + (p.sessionPresent() ? " session-present" : "")
              + " "
              + hex(version.isV5() ? p.reason().code() : p.reason().connackCodeV3())
              + of(p.properties());
      case Packet.Publish p ->
          "PUBLISH"
              + flags(p.qos(), p.retain(), p.dup())
              + (p.qos() > 0 ? " id=" + p.packetId() : "")
              + " "
              + word(p.topic())
              + " "
              + payload(p.payload())
              + of(p.properties());
      case Packet.Puback p -> ack(p, p.packetId(), p.reason(), p.properties());
      case Packet.Pubrec p -> ack(p, p.packetId(), p.reason(), p.properties());
      case Packet.Pubrel p -> ack(p, p.packetId(), p.reason(), p.properties());
      case Packet.Pubcomp p -> ack(p, p.packetId(), p.reason(), p.properties());
      case Packet.Subscribe p -> {
        StringBuilder text = new StringBuilder("SUBSCRIBE id=" + p.packetId());
        for (Packet.Subscription s : p.subscriptions()) {
          text.append(' ').append(word(s.filter())).append(" q").append(s.qos());
          text.append(s.noLocal() ? " no-local" : "");
          text.append(s.retainAsPublished() ? " retain-as-published" : "");
          text.append(s.retainHandling() > 0 ? " retain-handling=" + s.retainHandling() : "");
        }
        yield text.append(of(p.properties())).toString();
      }
      case Packet.Suback p ->
          "SUBACK id=" + p.packetId() + reasons(p.reasons(), version) + of(p.properties());
      case Packet.Unsubscribe p -> {
        StringBuilder text = new StringBuilder("UNSUBSCRIBE id=" + p.packetId());
        p.filters().forEach(filter -> text.append(' ').append(word(filter)));
        yield text.append(of(p.properties())).toString();
      }
      case Packet.Unsuback p ->
          "UNSUBACK id=" + p.packetId() + reasons(p.reasons(), version) + of(p.properties());
      case Packet.Pingreq _ -> "PINGREQ";
      case Packet.Pingresp _ -> "PINGRESP";
      case Packet.Disconnect p -> "DISCONNECT" + reason(p.reason()) + of(p.properties());
      case Packet.Auth p -> "AUTH " + hex(p.reason().code()) + of(p.properties());
    };
  }

  private static String connect(Packet.Connect p) {
    StringBuilder text = new StringBuilder("CONNECT v").append(p.version().label());
    text.append(" id=").append(word(p.clientId())).append(p.cleanStart() ? "" : " resuming");
    text.append(p.bridge() ? " bridge" : "");
    text.append(p.keepAliveSeconds() > 0 ? " keep-alive=" + p.keepAliveSeconds() : "");
    String username = p.username();
    if (username != null) {
      text.append(" username=").append(word(username));
    }
    text.append(p.password() != null ? " password=..." : "").append(of(p.properties()));
    Packet.Will will = p.will();
    if (will != null) {
      text.append(" will").append(flags(will.qos(), will.retain(), false));
      text.append(' ').append(word(will.topic())).append(' ').append(payload(will.payload()));
      text.append(of(will.properties()));
    }
    return text.toString();
  }

  private static String ack(Packet p, int packetId, ReasonCode reason, Properties properties) {
    return p.type() + " id=" + packetId + reason(reason) + of(properties);
  }

  private static String flags(int qos, boolean retain, boolean dup) {
    return " q" + qos + (retain ? " retain" : "") + (dup ? " dup" : "");
  }

  private static String reason(ReasonCode reason) {
    return reason == ReasonCode.SUCCESS ? "" : " " + hex(reason.code());
  }

  private static String reasons(List<ReasonCode> reasons, ProtocolVersion version) {
    StringBuilder text = new StringBuilder();
    for (ReasonCode reason : reasons) {
      text.append(' ').append(hex(version.isV5() || !reason.isError() ? reason.code() : 0x80));
    }
    return text.toString();
  }

  public static String of(Properties properties) {
    StringBuilder text = new StringBuilder();
    for (Properties.Entry entry : properties.entries()) {
      text.append(' ');
      if (entry.value() instanceof Properties.UserProperty(String name, String value)) {
        text.append("user:").append(word(name)).append('=').append(quoted(value));
        continue;
      }
      text.append(name(entry.property())).append('=');
      text.append(
          switch (entry.value()) {
            case String s -> quoted(s);
            case byte[] b -> "hex:" + HexFormat.of().formatHex(b);
            case Object number -> number.toString();
          });
    }
    return text.toString();
  }

  /// A property as transcripts name it: `session-expiry-interval`.
  static String name(Property property) {
    return property.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String hex(int code) {
    return "0x%02X".formatted(code);
  }

  /// A name that stands bare unless a blank or a quote forces quotes around it.
  private static String word(String text) {
    boolean bare = !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == '"');
    String shown =
        text.length() <= PAYLOAD_SHOWN_MAX
            ? text
            : text.substring(0, PAYLOAD_SHOWN_MAX) + "...(" + text.length() + " characters)";
    return bare ? shown : quoted(shown);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String payload(byte[] payload) {
    if (payload.length > PAYLOAD_SHOWN_MAX) {
      return "(" + payload.length + " bytes)";
    }
    String text = new String(payload, UTF_8);
    boolean readable = text.chars().allMatch(c -> c >= ' ' && c != 0xFFFD);
    return readable ? quoted(text) : "hex:" + HexFormat.of().formatHex(payload);
  }
}
