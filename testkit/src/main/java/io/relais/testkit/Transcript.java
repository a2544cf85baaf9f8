package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.protocol.Packet;
import io.relais.protocol.PacketText;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A conversation written down line by line, which runs against a broker: `A> PUBLISH q1 id=7 {t}
/// "x"` is what client A sends, `A< PUBACK id=7` what it has to get next. system-tests/README.md
/// has the notation.
///
/// @param name for failures, such as the file's
/// @param lines as written
public record Transcript(String name, List<String> lines) {
  private static final Pattern LINE = Pattern.compile("(\\w+)([<>])\\s*(.*)");
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

  public Transcript {
    lines = List.copyOf(lines);
  }

  /// Reads a resource that lies beside a class.
  public static Transcript resource(Class<?> beside, String file) {
    try (InputStream in = beside.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("no " + file + " beside " + beside.getName());
      }
      return new Transcript(file, new String(in.readAllBytes(), UTF_8).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Transcript of(String text) {
    return new Transcript("transcript", text.lines().toList());
  }

  /// Runs all lines in order.
  ///
  /// @param version spoken where CONNECT names none
  /// @param variables known from the start, in addition to `{t}`, a topic of its own
  /// @throws AssertionError that names the line at which the server differed
  public void run(Clients clients, ProtocolVersion version, Map<String, String> variables) {
    new Run(clients, version, variables).lines();
  }

  public void run(Clients clients, ProtocolVersion version) {
    run(clients, version, Map.of());
  }

  private final class Run {
    private final Clients clients;
    private final ProtocolVersion version;
    private final Map<String, String> bound = new HashMap<>();
    private final Map<String, MqttSocket> sockets = new HashMap<>();

    Run(Clients clients, ProtocolVersion version, Map<String, String> variables) {
      this.clients = clients;
      this.version = version;
      bound.put("t", clients.topic());
      bound.putAll(variables);
    }

    void lines() {
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        try {
          line(line);
        } catch (AssertionError | IllegalArgumentException e) {
          throw new AssertionError(
              "%s, line %d, MQTT %s: %s\n%s"
                  .formatted(name, i + 1, version.label(), line, e.getMessage()),
              e);
        }
      }
    }

    private void line(String line) {
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new IllegalArgumentException("a line is 'NAME> what it sends' or 'NAME< what comes'");
      }
      String client = parts.group(1);
      String rest = parts.group(3);
      if (parts.group(2).equals(">")) {
        send(client, known(client, rest));
      } else {
        receive(client, rest);
      }
    }

    private void send(String client, String text) {
      if (text.startsWith("CONNECT ") && !sockets.containsKey(client)) {
        Packet packet = new PacketWords(text).packet(version);
        open(client, ((Packet.Connect) packet).version()).send(packet);
        return;
      }
      switch (text) {
        case "OPEN" -> open(client, version);
        case "CUT" -> ended(client).cut();
        case "CLOSE" -> ended(client).close();
        default -> {
          MqttSocket socket = socket(client);
          if (text.startsWith("BYTES ")) {
            socket.send(text.substring("BYTES ".length()));
          } else {
            socket.send(new PacketWords(text).packet(socket.version()));
          }
        }
      }
    }

    private void receive(String client, String text) {
      MqttSocket socket = socket(client);
      List<String> words = new ArrayList<>(PacketWords.split(text));
      switch (words.getFirst()) {
        case "CLOSED" -> {
          socket.expectClosed();
          ended(client);
        }
        case "REFUSED" -> {
          List<ReasonCode> reasons = new ArrayList<>();
          for (String word : words.subList(1, words.size())) {
            reasons.add(PacketWords.reason(word));
          }
          socket.expectRefused(reasons.toArray(ReasonCode[]::new));
          ended(client);
        }
        case "SILENCE" -> socket.expectSilence();
        case "NOTHING-FROM" -> socket.expectNothingFrom(socket(words.get(1)));
        default -> {
          String came = PacketText.of(socket.expectPacket(), socket.version());
          if (!fits(client, words, PacketWords.split(came))) {
            throw socket.failure("expected " + known(client, text) + "\nbut got  " + came);
          }
        }
      }
    }

    /// Word by word; `?` is any word, `key=?` any value, `key={new}` any value to remember, and
    /// `...` at the end any more words.
    private boolean fits(String client, List<String> expected, List<String> came) {
      for (int i = 0; i < expected.size(); i++) {
        String word = expected.get(i);
        if (word.equals("...")) {
          return true;
        }
        if (i == came.size()) {
          return false;
        }
        String actual = came.get(i);
        int equals = word.indexOf('=');
        String key = word.substring(0, equals + 1);
        String value = word.substring(equals + 1);
        Matcher variable = VARIABLE.matcher(value);
        boolean any = value.equals("?") && actual.startsWith(key);
        if (variable.matches() && actual.startsWith(key)) {
          any = bound.putIfAbsent(variable.group(1), actual.substring(key.length())) == null;
        }
        if (!any && !known(client, word).equals(actual)) {
          return false;
        }
      }
      return expected.size() == came.size();
    }

    /// The text with the values of its variables; `{id}` in the line of a client is its client id.
    private String known(String client, String text) {
      return VARIABLE
          .matcher(text)
          .replaceAll(
              variable -> {
                String key = variable.group(1);
                String value =
                    key.equals("id")
                        ? bound.computeIfAbsent("id of " + client, _ -> clients.id())
                        : bound.get(key);
                if (value == null) {
                  throw new IllegalArgumentException("{" + key + "} has no value yet");
                }
                return Matcher.quoteReplacement(value);
              });
    }

    private MqttSocket open(String client, ProtocolVersion spoken) {
      MqttSocket socket = clients.open(spoken);
      sockets.put(client, socket);
      return socket;
    }

    private MqttSocket socket(String client) {
      MqttSocket socket = sockets.get(client);
      if (socket == null) {
        throw new IllegalArgumentException(client + " has no connection: CONNECT or OPEN first");
      }
      return socket;
    }

    private MqttSocket ended(String client) {
      MqttSocket socket = socket(client);
      sockets.remove(client);
      return socket;
    }
  }
}
