package io.relais.cli.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.Set;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// The MQTT 5 properties given with `-D command identifier [name] value`, by packet.
///
/// Owner: the main thread, filled while arguments are read and only read later.
final class PropertyArguments {
  /// The packets that can be given properties, and which.
  enum Packet {
    CONNECT(
        "authentication-data",
        "authentication-method",
        "maximum-packet-size",
        "receive-maximum",
        "request-problem-information",
        "request-response-information",
        "session-expiry-interval",
        "topic-alias-maximum",
        "user-property"),
    PUBLISH(
        "content-type",
        "correlation-data",
        "message-expiry-interval",
        "payload-format-indicator",
        "response-topic",
        "user-property"),
    SUBSCRIBE("user-property"),
    UNSUBSCRIBE("user-property"),
    DISCONNECT("session-expiry-interval", "user-property"),
    WILL(
        "content-type",
        "correlation-data",
        "message-expiry-interval",
        "payload-format-indicator",
        "response-topic",
        "user-property",
        "will-delay-interval");

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
    private final Set<String> identifiers;

    Packet(String... identifiers) {
      this.identifiers = Set.of(identifiers);
    }
  }

  private static final Map<String, Long> LARGEST =
      Map.of(
          "maximum-packet-size", 268_435_460L,
          "receive-maximum", 65_535L,
          "request-problem-information", 1L,
          "request-response-information", 1L,
          "session-expiry-interval", 4_294_967_295L,
          "topic-alias-maximum", 65_535L,
          "message-expiry-interval", 4_294_967_295L,
          "payload-format-indicator", 1L,
          "will-delay-interval", 4_294_967_295L);

  private final Map<Packet, Map<String, String>> values = new EnumMap<>(Packet.class);
  private final Map<Packet, List<Entry<String, String>>> user = new EnumMap<>(Packet.class);

  boolean isEmpty() {
    return values.isEmpty() && user.isEmpty();
  }

  /// @throws IllegalArgumentException saying what is wrong with the property
  void add(String command, String identifier, String value) {
    var packet = packet(command);
    require(packet, identifier);
    var largest = LARGEST.get(identifier);
    if (largest != null) {
      checkNumber(identifier, value, largest);
    }
    if (values.computeIfAbsent(packet, _ -> new java.util.HashMap<>()).put(identifier, value)
        != null) {
      throw new IllegalArgumentException(
          "The property '" + identifier + "' is given twice for " + command + ".");
    }
  }

  void addUser(String command, String name, String value) {
    var packet = packet(command);
    require(packet, "user-property");
    user.computeIfAbsent(packet, _ -> new ArrayList<>()).add(Map.entry(name, value));
  }

  Optional<String> text(Packet packet, String identifier) {
    return Optional.ofNullable(values.getOrDefault(packet, Map.of()).get(identifier));
  }

  Optional<Long> number(Packet packet, String identifier) {
    return text(packet, identifier).map(Long::valueOf);
  }

  List<Entry<String, String>> user(Packet packet) {
    return List.copyOf(user.getOrDefault(packet, List.of()));
  }

  /// The properties of a message, from those given for `PUBLISH` or `WILL`.
  Message.Properties message(Packet packet) {
    return new Message.Properties(
        text(packet, "content-type").orElse(null),
        text(packet, "correlation-data").map(v -> v.getBytes(StandardCharsets.UTF_8)).orElse(null),
        number(packet, "payload-format-indicator").map(Long::intValue).orElse(null),
        text(packet, "response-topic").orElse(null),
        number(packet, "message-expiry-interval").orElse(null),
        user(packet));
  }

  private static Packet packet(String command) {
    for (var packet : Packet.values()) {
      if (packet.name().equalsIgnoreCase(command)) {
        return packet;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + command
            + "' takes no properties here: use connect, publish, subscribe, unsubscribe,"
            + " disconnect or will.");
  }

  private static void require(Packet packet, String identifier) {
    if (identifier.equals("topic-alias")) {
      throw new IllegalArgumentException(
          "Topic aliases are assigned by this client itself where the server allows them;"
              + " 'topic-alias' cannot be chosen.");
    }
    if (!packet.identifiers.contains(identifier)) {
      throw new IllegalArgumentException(
          "The property '"
              + identifier
              + "' is not allowed for "
              + packet.name().toLowerCase(Locale.ROOT)
              + ": use one of "
              + String.join(", ", packet.identifiers.stream().sorted().toList())
              + ".");
    }
  }

  private static void checkNumber(String identifier, String value, long largest) {
    try {
      var number = Long.parseLong(value);
      if (number >= 0 && number <= largest) {
        return;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message that both mistakes get.
    }
    throw new IllegalArgumentException(
        "The property '"
            + identifier
            + "' is a number from 0 to "
            + largest
            + ", not '"
            + value
            + "'.");
  }

  /// Reads the two forms of `-D`, which have different lengths.
  static final class Consumer implements IParameterConsumer {
    @Override
    @SuppressWarnings("JdkObsolete") // the signature is picocli's
    public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
      try {
        PropertyArguments properties = option.getValue();
        var packet = next(args);
        var identifier = next(args);
        if (identifier.equals("user-property")) {
          properties.addUser(packet, next(args), next(args));
        } else {
          properties.add(packet, identifier, next(args));
        }
      } catch (IllegalArgumentException e) {
        var message = e.getMessage();
        throw new ParameterException(
            command.commandLine(), message == null ? e.toString() : message, e);
      }
    }

    @SuppressWarnings("JdkObsolete")
    private static String next(Stack<String> args) {
      if (args.isEmpty()) {
        throw new IllegalArgumentException(
            "-D needs a command, an identifier and a value (for user-property: a name, then the"
                + " value).");
      }
      return args.pop();
    }
  }
}
