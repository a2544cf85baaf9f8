package io.relais.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// The one way in which packets are written down: `PUBLISH q1 id=7 a/b "x"`. Timelines and traces
/// tell them so; traces of failed tests and wire transcripts too, with all that is in a packet.
///
/// Limits: what is told stops soon after the number of characters asked for, however much stands in
/// the packet.
public final class PacketText {
  private static final int SHOWN_MAX = 200; // of one word
  private static final int USERNAME_SHOWN_MAX = 64;
  private static final String HIDDEN = "...";

  private final StringBuilder text = new StringBuilder(128);
  private final ProtocolVersion version;
  private final boolean discreet;
  private final int charsMax;

  private PacketText(ProtocolVersion version, boolean discreet, int charsMax) {
    this.version = version;
    this.discreet = discreet;
    this.charsMax = charsMax;
  }

  /// A packet with everything but its password.
  public static String of(Packet packet, ProtocolVersion version) {
    return new PacketText(version, false, Integer.MAX_VALUE).write(packet).toString();
  }

  /// A packet as operators may see it: payloads as their size, no authentication data, and no user
  /// name that may be a token.
  public static String told(Packet packet, ProtocolVersion version, int charsMax) {
    return cut(new PacketText(version, true, charsMax).write(packet), charsMax);
  }

  /// The same of a PUBLISH whose topic was checked.
  ///
  /// @param payloadBytes of its payload, which the view need not have
  public static String told(PublishView view, int payloadBytes, int charsMax) {
    var to = new PacketText(view.version(), true, charsMax);
    to.text.append(PacketType.PUBLISH);
    to.flags(view.qos(), view.retain(), view.dup());
    to.text.append(view.qos() > 0 ? " id=" + view.packetId() : "");
    to.text.append(' ').append(word(view.topic()));
    to.text.append(" (").append(payloadBytes).append(" bytes)");
    to.properties(
        Fields.trustedProperties(view.array(), view.propertiesStart(), view.propertiesEnd()));
    return cut(to.text, charsMax);
  }

  /// A text of at most so many characters; says where it was cut.
  public static String cut(CharSequence told, int charsMax) {
    return told.length() <= charsMax
        ? told.toString()
        : told.subSequence(0, whole(told, charsMax)) + " ...";
  }

  /// At most so many characters, and no half of a pair at the end.
  private static int whole(CharSequence text, int chars) {
    return chars > 0 && Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars;
  }

  /// Properties alone, as they stand in a packet's text.
  public static String of(Properties properties) {
    return new PacketText(ProtocolVersion.MQTT_5, false, Integer.MAX_VALUE)
        .properties(properties)
        .toString();
  }

  private StringBuilder write(Packet packet) {
    text.append(packet.type());
    return switch (packet) {
      case Packet.Connect p -> connect(p);
      case Packet.Connack p -> {
        text.append(p.sessionPresent() ? " session-present" : "").append(' ');
        text.append(hex(version.isV5() ? p.reason().code() : p.reason().connackCodeV3()));
        yield properties(p.properties());
      }
      case Packet.Publish p -> {
        flags(p.qos(), p.retain(), p.dup());
        text.append(p.qos() > 0 ? " id=" + p.packetId() : "").append(' ').append(word(p.topic()));
        text.append(' ').append(payload(p.payload()));
        yield properties(p.properties());
      }
      case Packet.Puback p -> ack(p.packetId(), p.reason(), p.properties());
      case Packet.Pubrec p -> ack(p.packetId(), p.reason(), p.properties());
      case Packet.Pubrel p -> ack(p.packetId(), p.reason(), p.properties());
      case Packet.Pubcomp p -> ack(p.packetId(), p.reason(), p.properties());
      case Packet.Subscribe p -> {
        text.append(" id=").append(p.packetId());
        for (Packet.Subscription s : p.subscriptions()) {
          if (isLong(p.subscriptions().size(), "filters")) {
            break;
          }
          text.append(' ').append(word(s.filter())).append(" q").append(s.qos());
          text.append(s.noLocal() ? " no-local" : "");
          text.append(s.retainAsPublished() ? " retain-as-published" : "");
          text.append(s.retainHandling() > 0 ? " retain-handling=" + s.retainHandling() : "");
        }
        yield properties(p.properties());
      }
      case Packet.Suback p -> reasons(p.packetId(), p.reasons(), p.properties());
      case Packet.Unsubscribe p -> {
        text.append(" id=").append(p.packetId());
        for (String filter : p.filters()) {
          if (isLong(p.filters().size(), "filters")) {
            break;
          }
          text.append(' ').append(word(filter));
        }
        yield properties(p.properties());
      }
      case Packet.Unsuback p -> reasons(p.packetId(), p.reasons(), p.properties());
      case Packet.Pingreq _, Packet.Pingresp _ -> text;
      case Packet.Disconnect p -> reason(p.reason()).properties(p.properties());
      case Packet.Auth p -> {
        text.append(' ').append(hex(p.reason().code()));
        yield properties(p.properties());
      }
    };
  }

  /// Whether enough is written already; says then how many there are of what is left out.
  private boolean isLong(int count, String what) {
    if (text.length() <= charsMax) {
      return false;
    }
    text.setLength(whole(text, Math.max(0, charsMax - 24)));
    text.append(" ... (").append(count).append(' ').append(what).append(')');
    return true;
  }

  private StringBuilder connect(Packet.Connect p) {
    text.append(" v").append(p.version().label());
    text.append(" id=").append(word(p.clientId())).append(p.cleanStart() ? "" : " resuming");
    text.append(p.bridge() ? " bridge" : "");
    text.append(p.keepAliveSeconds() > 0 ? " keep-alive=" + p.keepAliveSeconds() : "");
    String username = p.username();
    if (username != null) {
      text.append(" username=").append(mayBeToken(username) ? HIDDEN : word(username));
    }
    text.append(p.password() != null ? " password=" + HIDDEN : "");
    properties(p.properties());
    Packet.Will will = p.will();
    if (will != null) {
      text.append(" will");
      flags(will.qos(), will.retain(), false);
      text.append(' ').append(word(will.topic())).append(' ').append(payload(will.payload()));
      properties(will.properties());
    }
    return text;
  }

  /// Some send their token in the place of the user name.
  private boolean mayBeToken(String username) {
    return discreet && (username.length() > USERNAME_SHOWN_MAX || username.startsWith("eyJ"));
  }

  private StringBuilder ack(int packetId, ReasonCode reason, Properties properties) {
    text.append(" id=").append(packetId);
    return reason(reason).properties(properties);
  }

  private void flags(int qos, boolean retain, boolean dup) {
    text.append(" q").append(qos).append(retain ? " retain" : "").append(dup ? " dup" : "");
  }

  private PacketText reason(ReasonCode reason) {
    text.append(reason == ReasonCode.SUCCESS ? "" : " " + hex(reason.code()));
    return this;
  }

  private StringBuilder reasons(int packetId, List<ReasonCode> reasons, Properties properties) {
    text.append(" id=").append(packetId);
    for (ReasonCode reason : reasons) {
      if (isLong(reasons.size(), "reasons")) {
        break;
      }
      text.append(' ').append(hex(version.isV5() || !reason.isError() ? reason.code() : 0x80));
    }
    return properties(properties);
  }

  private StringBuilder properties(Properties properties) {
    for (Properties.Entry entry : properties.entries()) {
      if (isLong(properties.entries().size(), "properties")) {
        break;
      }
      text.append(' ');
      if (entry.value() instanceof Properties.UserProperty(String name, String value)) {
        text.append("user:").append(word(name)).append('=').append(quoted(cut(value)));
        continue;
      }
      text.append(name(entry.property())).append('=');
      text.append(
          switch (entry.value()) {
            case String s -> quoted(cut(s));
            case byte[] b -> binary(entry.property(), b);
            case Object number -> number.toString();
          });
    }
    return text;
  }

  private String binary(Property property, byte[] value) {
    if (discreet && property == Property.AUTHENTICATION_DATA) {
      return HIDDEN;
    }
    return discreet && value.length > SHOWN_MAX
        ? "(" + value.length + " bytes)"
        : "hex:" + HexFormat.of().formatHex(value);
  }

  /// A property as it is named here: `session-expiry-interval`.
  public static String name(Property property) {
    return property.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String hex(int code) {
    return "0x%02X".formatted(code);
  }

  /// A name that stands bare unless a blank or a quote forces quotes around it.
  private static String word(String text) {
    boolean bare = !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == '"');
    String shown = text.length() <= SHOWN_MAX ? text : shortened(text);
    return bare ? shown : quoted(shown);
  }

  private String cut(String text) {
    return discreet && text.length() > SHOWN_MAX ? shortened(text) : text;
  }

  private static String shortened(String text) {
    return text.substring(0, whole(text, SHOWN_MAX)) + "...(" + text.length() + " characters)";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private String payload(byte[] payload) {
    if (discreet || payload.length > SHOWN_MAX) {
      return "(" + payload.length + " bytes)";
    }
    String read = new String(payload, UTF_8);
    boolean readable = read.chars().allMatch(c -> c >= ' ' && c != 0xFFFD);
    return readable ? quoted(read) : "hex:" + HexFormat.of().formatHex(payload);
  }
}
