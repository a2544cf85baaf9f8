package io.relais.cli.mosquitto;

import io.relais.cli.mosquitto.Imported.Note;
import io.relais.server.config.KnownKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a configuration of Relais from one of mosquitto (2.0): what has a counterpart is written,
/// and of everything else it says where it stands and why not.
///
/// Owner: one import.
public final class MosquittoImport {
  private static final long PAYLOAD_BYTES_MAX = 268_435_455;
  private static final long MANY = 100_000_000;

  /// Of a `listener`, in the lines that follow it.
  private static final Set<String> OF_LISTENER =
      Set.of(
          "protocol",
          "max_connections",
          "cafile",
          "certfile",
          "keyfile",
          "require_certificate",
          "use_identity_as_username",
          "crlfile",
          "tls_version",
          "max_qos",
          "bind_address");

  /// Of a `listener` too, where `per_listener_settings` is on.
  private static final Set<String> OF_ACCESS =
      Set.of("allow_anonymous", "password_file", "acl_file");

  private static final Set<String> OF_BRIDGE =
      Set.of(
          "address",
          "addresses",
          "topic",
          "cleansession",
          "clientid",
          "username",
          "password",
          "idle_timeout",
          "keepalive_interval",
          "notifications",
          "notifications_local_only",
          "notification_topic",
          "restart_timeout",
          "round_robin",
          "start_type",
          "threshold",
          "try_private");

  /// What does no harm left out, and why.
  private static final Map<String, String> NEEDLESS =
      Map.ofEntries(
          Map.entry("autosave_interval", "nothing waits to be saved here"),
          Map.entry("autosave_on_changes", "nothing waits to be saved here"),
          Map.entry("persistence_file", "the store is a folder of files"),
          Map.entry("log_timestamp", "each line of the log has the time"),
          Map.entry("log_timestamp_format", "each line of the log has the time"),
          Map.entry("log_facility", "the log goes to standard error"),
          Map.entry("connection_messages", "that is logged at the level debug"),
          Map.entry("set_tcp_nodelay", "it is always set"),
          Map.entry("pid_file", "the process stays in the foreground; what starts it knows its id"),
          Map.entry("user", "the process stays the user that starts it"),
          Map.entry("allow_duplicate_messages", "mosquitto ignores it, too"),
          Map.entry("websockets_headers_size", "headers have a limit of their own here"),
          Map.entry("websockets_log_level", "there is no log of its own for WebSocket"));

  /// One listener, by its lines.
  private static final class Group {
    final @Nullable Line line; // null: the default listener
    final Map<String, Line> settings = new LinkedHashMap<>();

    Group(@Nullable Line line) {
      this.line = line;
    }

    @Nullable String value(String key) {
      Line found = settings.get(key);
      return found == null ? null : found.value();
    }
  }

  private final Path file;
  private final List<Note> notes = new ArrayList<>();
  private final Group standard = new Group(null);
  private final List<Group> listeners = new ArrayList<>();
  private final Map<String, Line> global = new LinkedHashMap<>();
  private final List<Line> logTypes = new ArrayList<>();
  private final Map<String, Map<String, Object>> sections = new TreeMap<>();
  private boolean perListener;

  private MosquittoImport(Path file) {
    this.file = file;
  }

  /// @param file `mosquitto.conf`
  /// @throws IOException naming a file that cannot be read
  public static Imported of(Path file) throws IOException {
    return new MosquittoImport(file).run();
  }

  private Imported run() throws IOException {
    List<Line> lines = Line.all(file);
    perListener =
        lines.stream()
            .anyMatch(
                line -> line.key().equals("per_listener_settings") && line.value().equals("true"));
    sort(lines);
    Map<String, Object> root = new LinkedHashMap<>();
    store(root);
    root.put("listeners", listeners());
    limits();
    mqtt();
    log();
    access();
    for (String name : List.of("limits", "authentication", "authorization", "mqtt", "log")) {
      Map<String, Object> section = sections.get(name);
      if (section != null) {
        root.put(name, section);
      }
    }
    generalNotes();
    var yaml = new StringBuilder("# Taken over from " + file + " by `relais config import`.\n");
    if (!notes.isEmpty()) {
      yaml.append("#\n# Not taken over, or different here:\n");
      notes.forEach(note -> yaml.append("# - ").append(note).append('\n'));
    }
    yaml.append('\n').append(Yaml.of(root));
    return new Imported(yaml.toString(), notes);
  }

  private void note(Line line, String text) {
    notes.add(new Note(line.where(), line.key() + " " + text));
  }

  private Map<String, Object> section(String name) {
    return sections.computeIfAbsent(name, absent -> new LinkedHashMap<>());
  }

  // ---- which line belongs where

  private void sort(List<Line> lines) {
    Group listener = standard;
    Line bridge = null;
    int ofBridge = 0;
    for (Line line : lines) {
      String key = line.key();
      if (key.equals("connection")) {
        bridged(bridge, ofBridge);
        bridge = line;
        ofBridge = 0;
      } else if (isOfBridge(key)) {
        ofBridge++;
        if (bridge == null) {
          note(line, "belongs to a bridge, and there is none before it");
        }
      } else if (key.equals("listener")) {
        listener = new Group(line);
        listeners.add(listener);
      } else if (key.equals("port")) {
        standard.settings.put(key, line);
      } else if (OF_LISTENER.contains(key) || perListener && OF_ACCESS.contains(key)) {
        listener.settings.put(key, line);
      } else if (key.equals("log_type")) {
        logTypes.add(line);
      } else {
        global.put(key, line);
      }
    }
    bridged(bridge, ofBridge);
    Set<String> known =
        Set.of(
            "per_listener_settings",
            "allow_anonymous",
            "password_file",
            "acl_file",
            "persistence",
            "persistence_location",
            "persistent_client_expiration",
            "max_inflight_messages",
            "max_queued_messages",
            "max_queued_bytes",
            "max_keepalive",
            "max_packet_size",
            "message_size_limit",
            "max_topic_alias",
            "sys_interval",
            "log_dest");
    global.forEach(
        (key, line) -> {
          if (known.contains(key)) {
            return;
          }
          String needless = NEEDLESS.get(key);
          note(line, needless == null ? "has no counterpart" : "is not needed: " + needless);
        });
  }

  private static boolean isOfBridge(String key) {
    return OF_BRIDGE.contains(key)
        || key.startsWith("bridge_")
        || key.startsWith("remote_")
        || key.startsWith("local_");
  }

  private void bridged(@Nullable Line bridge, int lines) {
    if (bridge != null) {
      note(bridge, "%s: bridges are not taken over (%d lines)".formatted(bridge.value(), lines));
    }
  }

  // ---- listeners

  private List<Map<String, Object>> listeners() {
    List<Map<String, Object>> all = new ArrayList<>();
    boolean local = listeners.isEmpty() && standard.settings.get("port") == null;
    Line bind = standard.settings.get("bind_address");
    if (local && bind != null) {
      local = false; // which makes it a listener like any other
    }
    if (local || bind != null || standard.settings.get("port") != null) {
      String port = Objects.requireNonNullElse(standard.value("port"), "1883");
      String host = bind == null ? local ? "127.0.0.1" : "0.0.0.0" : bind.value();
      all.add(listener(standard, host, port, local));
    } else {
      standard.settings.forEach(
          (key, line) -> {
            if (OF_LISTENER.contains(key)) {
              note(line, "is for the default listener, which is not open, since others are");
            }
          });
    }
    for (Group group : listeners) {
      String[] words = Objects.requireNonNull(group.line).value().split("\\s+", 2);
      all.add(listener(group, words.length > 1 ? words[1] : "0.0.0.0", words[0], false));
    }
    return all;
  }

  private Map<String, Object> listener(Group group, String host, String port, boolean local) {
    Map<String, Object> listener = new LinkedHashMap<>();
    boolean unix = port.equals("0") && host.startsWith("/");
    listener.put("bind", unix ? host : address(host) + ":" + port);
    boolean webSocket = "websockets".equals(group.value("protocol"));
    boolean tls = group.settings.containsKey("certfile") && group.settings.containsKey("keyfile");
    String transport =
        webSocket ? tls ? "secure-websocket" : "websocket" : unix ? "unix" : tls ? "tls" : "tcp";
    listener.put("transport", transport);
    if (webSocket) {
      note(
          Objects.requireNonNull(group.settings.get("protocol")),
          "websockets: mosquitto takes any path, here it is /mqtt");
    }
    Line anonymous = (perListener ? group.settings : global).get("allow_anonymous");
    listener.put("allow-anonymous", anonymous == null ? local : anonymous.value().equals("true"));
    Line most = group.settings.get("max_connections");
    if (most != null && isPositive(most.value())) {
      listener.put("max-connections", most.value());
    }
    if (tls) {
      listener.put("tls", tls(group));
    } else {
      for (String key : List.of("certfile", "keyfile", "require_certificate", "crlfile")) {
        Line line = group.settings.get(key);
        if (line != null) {
          note(line, "needs both certfile and keyfile; the listener is not encrypted");
        }
      }
    }
    Line qos = group.settings.get("max_qos");
    if (qos != null) {
      Object before = section("mqtt").get("max-qos");
      boolean lower = before == null || Integer.parseInt(before.toString()) > number(qos, 2);
      if (lower) {
        section("mqtt").put("max-qos", number(qos, 2));
      }
      if (listeners.size() > 1) {
        note(qos, "holds for all listeners here; the lowest of them is taken");
      }
    }
    return listener;
  }

  private static String address(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  private Map<String, Object> tls(Group group) {
    Map<String, Object> tls = new LinkedHashMap<>();
    tls.put("certificate", Objects.requireNonNull(group.value("certfile")));
    tls.put("key", Objects.requireNonNull(group.value("keyfile")));
    boolean required = "true".equals(group.value("require_certificate"));
    String ca = group.value("cafile");
    if (required && ca != null) {
      tls.put("ca", ca);
      tls.put("client-certificate", "required");
      if ("true".equals(group.value("use_identity_as_username"))) {
        tls.put("username-from", "cn");
      }
      Line crl = group.settings.get("crlfile");
      if (crl != null && KnownKey.of("listeners.0.tls.crl").isPresent()) {
        tls.put("crl", List.of(crl.value()));
      } else if (crl != null) {
        note(crl, "has no counterpart: certificates that were REVOKED would be let in");
      }
    } else if (required) {
      note(
          Objects.requireNonNull(group.settings.get("require_certificate")),
          "needs cafile, the authorities to check against; NO certificate is asked for");
    }
    Line version = group.settings.get("tls_version");
    if (version != null) {
      switch (version.value()) {
        case "tlsv1.3" -> tls.put("versions", "1.3");
        case "tlsv1.2" -> tls.put("versions", "1.2, 1.3");
        default -> note(version, version.value() + ": there is TLS 1.2 and 1.3 here");
      }
    }
    return tls;
  }

  // ---- limits

  private void limits() {
    limit("max_inflight_messages", "max-inflight", 65_535);
    limit("max_queued_messages", "queue-messages", MANY);
    limit("max_queued_bytes", "queue-bytes", 1L << 50);
    limit("max_topic_alias", "topic-alias", 0);
    Line keepAlive = global.get("max_keepalive");
    if (keepAlive != null) {
      section("limits").put("keep-alive", number(keepAlive, 0) + "s");
    }
    Line payload = global.get("message_size_limit");
    Line packet = global.get("max_packet_size");
    if (payload != null) {
      limit("message_size_limit", "payload-bytes", PAYLOAD_BYTES_MAX);
    } else if (packet != null) {
      limit("max_packet_size", "payload-bytes", PAYLOAD_BYTES_MAX);
      note(packet, "counts all of a packet, limits.payload-bytes its payload");
    }
    Object queue = section("limits").get("queue-bytes");
    Object most = section("limits").getOrDefault("payload-bytes", 1L << 20);
    if (queue != null && Long.parseLong(queue.toString()) < Long.parseLong(most.toString())) {
      section("limits").put("queue-bytes", most);
      note(
          Objects.requireNonNull(global.get("max_queued_bytes")),
          "is less than one payload, and made as large as that");
    }
    Line expiry = global.get("persistent_client_expiration");
    if (expiry != null) {
      expiry(expiry);
    }
    if (section("limits").isEmpty()) {
      sections.remove("limits");
    }
  }

  /// @param unlimited what stands for 0
  private void limit(String key, String to, long unlimited) {
    Line line = global.get(key);
    if (line != null) {
      long value = number(line, 0);
      section("limits").put(to, value == 0 ? unlimited : value);
    }
  }

  private void expiry(Line line) {
    Matcher written = Pattern.compile("(\\d{1,9})\\s*([hdwmy])").matcher(line.value());
    if (!written.matches()) {
      note(line, "is '" + line.value() + "', which is no time like 14d");
      return;
    }
    int each =
        switch (written.group(2)) {
          case "h" -> 1;
          case "d" -> 24;
          case "w" -> 7 * 24;
          case "m" -> 30 * 24;
          default -> 365 * 24;
        };
    section("limits").put("session-expiry", Long.parseLong(written.group(1)) * each + "h");
  }

  private static boolean isPositive(String text) {
    return text.matches("\\d{1,9}") && Integer.parseInt(text) > 0;
  }

  private long number(Line line, long otherwise) {
    if (line.value().matches("\\d{1,15}")) {
      return Long.parseLong(line.value());
    }
    note(line, "is '" + line.value() + "', which is no number");
    return otherwise;
  }

  // ---- the rest

  private void store(Map<String, Object> root) {
    Line persistence = global.get("persistence");
    if (persistence != null && persistence.value().equals("false")) {
      root.put("store", "memory");
    }
    Line location = global.get("persistence_location");
    if (location != null) {
      String folder = location.value().replaceAll("/+$", "");
      root.put("data", folder + "/relais");
      note(location, "is where a folder of its own is made; mosquitto.db there is not read");
    }
  }

  private void mqtt() {
    Line sys = global.get("sys_interval");
    if (sys != null) {
      section("mqtt").put("sys-interval", number(sys, 10) + "s");
    }
  }

  private void log() {
    Map<String, Integer> ranks =
        Map.of(
            "error",
            0,
            "warning",
            1,
            "notice",
            2,
            "information",
            2,
            "subscribe",
            3,
            "unsubscribe",
            3,
            "debug",
            3,
            "websockets",
            3,
            "all",
            3);
    List<String> levels = List.of("error", "warn", "info", "debug");
    int rank = -1;
    for (Line line : logTypes) {
      rank = Math.max(rank, ranks.getOrDefault(line.value(), -1));
    }
    if (rank >= 0) {
      section("log").put("level", levels.get(rank));
    }
    Line to = global.get("log_dest");
    if (to != null && !to.value().equals("stderr")) {
      note(to, to.value() + ": the log goes to standard error; the service manager keeps it");
    }
  }

  private void access() throws IOException {
    List<Line> passwords = new ArrayList<>();
    List<Line> rules = new ArrayList<>();
    List<Group> groups = new ArrayList<>(listeners);
    groups.addFirst(standard);
    for (Group group : groups) {
      add(passwords, group.settings.get("password_file"));
      add(rules, group.settings.get("acl_file"));
    }
    add(passwords, global.get("password_file"));
    add(rules, global.get("acl_file"));
    Line users = one(passwords);
    if (users != null) {
      section("authentication").put("password-file", users.value());
    }
    Line access = one(rules);
    if (access != null) {
      Path path = Path.of(access.value());
      if (!Files.isReadable(path)) {
        throw new IOException(access.where() + ": acl_file " + path + " cannot be read");
      }
      section("authorization").put("rules", AccessFile.rules(path, notes));
      note(
          access,
          "is about single messages in mosquitto; here a SUBSCRIBE that asks for more than it may"
              + " read is refused");
    }
  }

  private static void add(List<Line> to, @Nullable Line line) {
    if (line != null && !line.value().isEmpty()) {
      to.add(line);
    }
  }

  private @Nullable Line one(List<Line> lines) {
    if (lines.isEmpty()) {
      return null;
    }
    Line first = lines.getFirst();
    for (Line other : lines) {
      if (!other.value().equals(first.value())) {
        note(
            other,
            "%s: users and rules hold for all listeners here, and those of %s are taken"
                .formatted(other.value(), first.where()));
      }
    }
    return first;
  }

  private void generalNotes() {
    String name = file.toString();
    if (!global.containsKey("message_size_limit") && !global.containsKey("max_packet_size")) {
      notes.add(
          new Note(
              name,
              "mosquitto takes payloads of up to 256 MiB if nothing is said of them; here up to 1"
                  + " MiB (limits.payload-bytes)"));
    }
    if (sections.get("authorization") == null) {
      notes.add(
          new Note(
              name,
              "mosquitto lets everybody read $SYS; here it is read from this machine, or where a"
                  + " rule allows it"));
    }
  }
}
