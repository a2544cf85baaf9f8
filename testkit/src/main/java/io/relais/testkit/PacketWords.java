package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the words of one packet that a client sends, in the notation of [PacketText].
///
/// Owner: the thread that reads.
final class PacketWords {
  private static final Pattern WORD = Pattern.compile("(?:[^\\s\"]|\"(?:\\\\.|[^\"\\\\])*\")+");
  private static final Pattern USER = Pattern.compile("user:(\"(?:\\\\.|[^\"\\\\])*\"|[^=]*)=(.*)");

  private final List<String> words;
  private int at;

  PacketWords(String text) {
    words = split(text);
  }

  /// Blanks part words, but for those within quotes.
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      words.add(word.group());
    }
    return words;
  }

  /// @param version where the text names none
  Packet packet(ProtocolVersion version) {
    PacketType type = PacketType.valueOf(next("a packet type"));
    Packet packet =
        switch (type) {
          case CONNECT -> connect(version);
          case PUBLISH -> {
            Flags flags = flags();
            int id = packetId();
            String topic = unquoted(next("a topic"));
            byte[] payload = bytes(next("a payload"));
            yield new Packet.Publish(
                flags.dup, flags.qos, flags.retain, topic, id, properties(), payload);
          }
          case PUBACK -> new Packet.Puback(packetId(), reason(), properties());
          case PUBREC -> new Packet.Pubrec(packetId(), reason(), properties());
          case PUBREL -> new Packet.Pubrel(packetId(), reason(), properties());
          case PUBCOMP -> new Packet.Pubcomp(packetId(), reason(), properties());
          case SUBSCRIBE -> {
            int id = packetId();
            List<Packet.Subscription> subscriptions = new ArrayList<>();
            while (!atProperty() && peek() != null) {
              subscriptions.add(subscription());
            }
            yield new Packet.Subscribe(id, properties(), subscriptions);
          }
          case UNSUBSCRIBE -> {
            int id = packetId();
            List<String> filters = new ArrayList<>();
            while (!atProperty() && peek() != null) {
              filters.add(unquoted(next("a filter")));
            }
            yield new Packet.Unsubscribe(id, properties(), filters);
          }
          case PINGREQ -> new Packet.Pingreq();
          case DISCONNECT -> new Packet.Disconnect(reason(), properties());
          case AUTH -> new Packet.Auth(reason(), properties());
          case CONNACK, SUBACK, UNSUBACK, PINGRESP ->
              throw new IllegalArgumentException(type + " is not sent by clients; use BYTES");
        };
    if (peek() != null) {
      throw new IllegalArgumentException("what is '" + peek() + "' in a " + type + "?");
    }
    return packet;
  }

  private Packet connect(ProtocolVersion given) {
    ProtocolVersion version = given;
    for (ProtocolVersion known : ProtocolVersion.values()) {
      if (took("v" + known.label())) {
        version = known;
      }
    }
    Connecting how = new Connecting(version, unquoted(value("id=", "a client id")));
    while (peek() != null && !atProperty() && !words.get(at).equals("will")) {
      if (took("resuming")) {
        how.resuming();
      } else if (took("bridge")) {
        how.bridge();
      } else if (has("keep-alive=")) {
        how.keepAlive(Integer.parseInt(value("keep-alive=", "seconds")));
      } else if (has("username=")) {
        how.username(unquoted(value("username=", "a name")));
      } else if (has("password=")) {
        how.password(unquoted(value("password=", "a password")));
      } else {
        throw new IllegalArgumentException("what is '" + peek() + "' in a CONNECT?");
      }
    }
    how.properties(properties());
    if (took("will")) {
      Flags flags = flags();
      String topic = unquoted(next("the will's topic"));
      byte[] payload = bytes(next("the will's payload"));
      how.will(new Packet.Will(topic, payload, flags.qos, flags.retain, properties()));
    }
    return how.packet();
  }

  private Packet.Subscription subscription() {
    String filter = unquoted(next("a filter"));
    int qos = flags().qos;
    boolean noLocal = took("no-local");
    boolean asPublished = took("retain-as-published");
    int handling =
        has("retain-handling=") ? Integer.parseInt(value("retain-handling=", "0, 1 or 2")) : 0;
    return new Packet.Subscription(filter, qos, noLocal, asPublished, handling);
  }

  private record Flags(int qos, boolean retain, boolean dup) {}

  private Flags flags() {
    String qos = next("q0, q1 or q2");
    if (!qos.matches("q[012]")) {
      throw new IllegalArgumentException("expected q0, q1 or q2, not '" + qos + "'");
    }
    boolean retain = took("retain");
    return new Flags(qos.charAt(1) - '0', retain, took("dup"));
  }

  private int packetId() {
    return has("id=") ? Integer.parseInt(value("id=", "a packet id")) : 0;
  }

  private ReasonCode reason() {
    String word = peek();
    if (word == null || !word.startsWith("0x")) {
      return ReasonCode.SUCCESS;
    }
    return reason(next("a reason code"));
  }

  /// @param word such as `0x8E`
  static ReasonCode reason(String word) {
    ReasonCode reason = ReasonCode.of(Integer.decode(word));
    if (reason == null) {
      throw new IllegalArgumentException("no reason code is " + word);
    }
    return reason;
  }

  private boolean atProperty() {
    String word = peek();
    return word != null && (word.startsWith("user:") || property(word) != null);
  }

  private static @Nullable Property property(String word) {
    for (Property candidate : Property.values()) {
      if (word.startsWith(PacketText.name(candidate) + "=")) {
        return candidate;
      }
    }
    return null;
  }

  private Properties properties() {
    Properties.Builder properties = Properties.builder();
    for (String word = peek(); word != null; word = peek()) {
      String value = word.substring(word.indexOf('=') + 1);
      Matcher user = USER.matcher(word);
      if (user.matches()) {
        properties.addUser(unquoted(user.group(1)), unquoted(user.group(2)));
      } else {
        Property property = property(word);
        if (property == null) {
          break;
        }
        switch (property.kind()) {
          case BYTE, TWO_BYTES, VARIABLE -> properties.add(property, Integer.parseInt(value));
          case FOUR_BYTES -> properties.add(property, Long.parseLong(value));
          case STRING -> properties.add(property, unquoted(value));
          case BINARY -> properties.add(property, bytes(value));
          case STRING_PAIR ->
              throw new IllegalArgumentException("write user:NAME=VALUE, not '" + word + "'");
        }
      }
      at++;
    }
    return properties.build();
  }

  private static byte[] bytes(String word) {
    return word.startsWith("hex:")
        ? Bytes.hex(word.substring("hex:".length()))
        : unquoted(word).getBytes(UTF_8);
  }

  private static String unquoted(String word) {
    return word.startsWith("\"")
        ? word.substring(1, word.length() - 1).replaceAll("\\\\(.)", "$1")
        : word;
  }

  private @Nullable String peek() {
    return at < words.size() ? words.get(at) : null;
  }

  private boolean has(String start) {
    String word = peek();
    return word != null && word.startsWith(start);
  }

  private boolean took(String word) {
    boolean stands = word.equals(peek());
    at += stands ? 1 : 0;
    return stands;
  }

  private String value(String start, String what) {
    if (!has(start)) {
      throw new IllegalArgumentException("expected " + start + what + ", not '" + peek() + "'");
    }
    return next(what).substring(start.length());
  }

  private String next(String what) {
    if (at == words.size()) {
      throw new IllegalArgumentException("the line ends where " + what + " should stand");
    }
    return words.get(at++);
  }
}
