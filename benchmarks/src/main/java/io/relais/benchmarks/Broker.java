package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/// Something that is put under load. A further peer is one more record.
sealed interface Broker {
  String name();

  /// What it cannot do: scenarios that need it are left out for it.
  Set<Need> lacks();

  /// A broker that the run starts and ends itself, afresh for every measurement.
  sealed interface Launched extends Broker {
    /// Prints its version on a line that matches; for Relais it also builds what a start needs.
    List<String> versionCommand();

    Pattern versionLine();

    Launch launch(Seat seat) throws IOException;
  }

  /// One that runs already; CPU and memory are measured only if its process is known.
  record Standing(String name, String host, int port, OptionalLong pid) implements Broker {
    @Override
    public Set<Need> lacks() {
      return EnumSet.noneOf(Need.class);
    }
  }

  /// Where one start takes place: a directory of its own and ports that were free.
  record Seat(Path directory, int port, int adminPort) {}

  /// How one start goes; the broker is ready once a line of its output matches.
  record Launch(List<String> command, Map<String, String> environment, Pattern ready) {
    public Launch {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /// Relais through its launcher, with the defaults that a user gets, but for `settings`.
  record Relais(
      String name,
      Path launcher,
      List<String> settings,
      String jvmOptions,
      Map<String, String> environment)
      implements Launched {
    public Relais {
      settings = List.copyOf(settings);
      environment = Map.copyOf(environment);
    }

    Relais(String name, Path launcher, List<String> settings, String jvmOptions) {
      this(name, launcher, settings, jvmOptions, Map.of());
    }

    /// The same, whose first administrator `admin` has this password and need not choose another.
    Relais administeredBy(String password) {
      return new Relais(
          name, launcher, settings, jvmOptions, Map.of("RELAIS_ADMIN_PASSWORD", password));
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.noneOf(Need.class);
    }

    @Override
    public List<String> versionCommand() {
      return List.of(launcher.toString(), "--version");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^relais \\S+ \\(java");
    }

    @Override
    public Launch launch(Seat seat) {
      List<String> command = new ArrayList<>(List.of(launcher.toString(), "start"));
      command.addAll(List.of("--listen", "tcp://127.0.0.1:" + seat.port()));
      List<String> all = new ArrayList<>();
      all.add("data=" + seat.directory().resolve("data"));
      all.add("admin.bind=127.0.0.1:" + seat.adminPort());
      all.addAll(settings);
      all.forEach(setting -> command.addAll(List.of("--set", setting)));
      String inherited = System.getenv().getOrDefault("RELAIS_JVM_OPTIONS", "");
      Map<String, String> variables = new HashMap<>(environment);
      variables.put("RELAIS_JVM_OPTIONS", (inherited + " " + jvmOptions).strip());
      return new Launch(command, variables, Pattern.compile("^Relais is ready"));
    }
  }

  /// Debian's mosquitto, with queues that do not drop; `settings` are further lines of its file.
  record Mosquitto(String executable, List<String> settings) implements Launched {
    /// In memory, with the window of the generator.
    static final List<String> IN_MEMORY = List.of("persistence false", "max_inflight_messages 100");

    /// It stores at a stop, and every `autosave_interval` (half an hour) before that.
    static final List<String> STORING =
        List.of("persistence true", "max_queued_bytes 0", "max_inflight_messages 65535");

    public Mosquitto {
      settings = List.copyOf(settings);
    }

    @Override
    public String name() {
      return "mosquitto";
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.noneOf(Need.class);
    }

    @Override
    public List<String> versionCommand() {
      return List.of(executable, "-h");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^mosquitto version ");
    }

    @Override
    public Launch launch(Seat seat) throws IOException {
      Path configuration = seat.directory().resolve("mosquitto.conf");
      Path stored = Files.createDirectories(seat.directory().resolve("data"));
      Files.writeString(
          configuration,
          """
          listener %d 127.0.0.1
          allow_anonymous true
          max_queued_messages 0
          persistence_location %s/
          connection_messages false
          log_dest stderr
          log_type error
          log_type warning
          log_type information
          user %s
          %s
          """
              .formatted(
                  seat.port(),
                  stored,
                  System.getProperty("user.name"),
                  String.join("\n", settings)));
      return new Launch(
          List.of(executable, "-c", configuration.toString()),
          Map.of(),
          Pattern.compile("mosquitto version \\S+ running"));
    }
  }

  /// HiveMQ Community Edition through `load/peers/hivemq/HiveMqNode.java`, with the JVM's own
  /// choice of heap and collector.
  ///
  /// @param classes what `load/peers/prepare.sh` compiled, beside the file `classpath`
  /// @param persistence by its own words: `file` or `in-memory`
  record HiveMq(Path java, Path classes, String persistence) implements Launched {
    private static final List<String> OPENED =
        List.of("java.base/java.lang", "java.base/java.nio", "java.base/sun.nio.ch");

    @Override
    public String name() {
      return "hivemq";
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.noneOf(Need.class);
    }

    @Override
    public List<String> versionCommand() {
      return inClassPath(classes, "hivemq-community-edition-embedded");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^hivemq-community-edition-embedded-\\d");
    }

    @Override
    public Launch launch(Seat seat) throws IOException {
      Path folder = Files.createDirectories(seat.directory().resolve("conf"));
      Files.writeString(
          folder.resolve("config.xml"),
          """
          <?xml version="1.0"?>
          <hivemq>
            <listeners>
              <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
            </listeners>
            <persistence><mode>%s</mode></persistence>
            <mqtt>
              <queued-messages><max-queue-size>100000000</max-queue-size></queued-messages>
              <receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>
            </mqtt>
            <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
          </hivemq>
          """
              .formatted(seat.port(), persistence));
      List<String> command = new ArrayList<>(List.of(java.toString()));
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
      OPENED.forEach(part -> command.addAll(List.of("--add-opens", part + "=ALL-UNNAMED")));
      command.addAll(List.of("--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "-cp"));
      command.add(classPath(classes));
      command.addAll(List.of("HiveMqNode", seat.directory().toString()));
      return new Launch(command, Map.of(), Pattern.compile("^HiveMQ is ready"));
    }
  }

  /// Moquette through `load/peers/moquette/MoquetteNode.java`, in memory, with the JVM's own choice
  /// of heap and collector.
  ///
  /// @param classes what `load/peers/prepare.sh` compiled, beside the file `classpath`
  record Moquette(Path java, Path classes) implements Launched {
    @Override
    public String name() {
      return "moquette";
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.of(Need.MQTT_5, Need.SHARED_SUBSCRIPTIONS);
    }

    @Override
    public List<String> versionCommand() {
      return inClassPath(classes, "moquette-broker");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^moquette-broker-\\d");
    }

    @Override
    public Launch launch(Seat seat) throws IOException {
      Files.writeString(
          seat.directory().resolve("moquette.properties"),
          """
          host=127.0.0.1
          port=%d
          allow_anonymous=true
          persistence_enabled=false
          data_path=%s
          session_queue_size=1000000
          netty.mqtt.message_size=268435455
          telemetry_enabled=false
          """
              .formatted(seat.port(), Files.createDirectories(seat.directory().resolve("data"))));
      List<String> command = new ArrayList<>(List.of(java.toString()));
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
      command.addAll(List.of("-cp", classPath(classes)));
      command.addAll(List.of("MoquetteNode", seat.directory().toString()));
      return new Launch(command, Map.of(), Pattern.compile("^Moquette is ready"));
    }
  }

  /// Debian's NATS with its MQTT listener. QoS 1, sessions and retained messages go through its
  /// JetStream, which has files only.
  record Nats(String executable) implements Launched {
    @Override
    public String name() {
      return "nats";
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.of(Need.MQTT_5, Need.QOS_2, Need.SHARED_SUBSCRIPTIONS);
    }

    @Override
    public List<String> versionCommand() {
      return List.of(executable, "--version");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^nats-server: v\\d");
    }

    @Override
    public Launch launch(Seat seat) throws IOException {
      Path configuration = seat.directory().resolve("nats.conf");
      // The sum over the subscriptions of a session, doubled for those that end with `#`, must not
      // pass 65535.
      Files.writeString(
          configuration,
          """
          server_name: side-by-side
          listen: "127.0.0.1:%d"
          max_connections: 100000
          max_pending: 1GB
          write_deadline: "60s"
          jetstream {
            store_dir: "%s"
            max_memory_store: 4GB
            max_file_store: 64GB
          }
          mqtt {
            listen: "127.0.0.1:%d"
            max_ack_pending: 30000
          }
          """
              .formatted(
                  seat.adminPort(),
                  Files.createDirectories(seat.directory().resolve("data")),
                  seat.port()));
      return new Launch(
          List.of(executable, "-c", configuration.toString()),
          Map.of(),
          Pattern.compile("Server is ready"));
    }
  }

  /// The relay of `load/Floor.java`: what the work costs in Java when a broker does nothing else.
  record Floor(Path java, Path classes) implements Launched {
    @Override
    public String name() {
      return "floor";
    }

    @Override
    public Set<Need> lacks() {
      return EnumSet.complementOf(EnumSet.of(Need.QOS_2));
    }

    @Override
    public List<String> versionCommand() {
      return List.of(java.toString(), "-version");
    }

    @Override
    public Pattern versionLine() {
      return Pattern.compile("^openjdk version ");
    }

    @Override
    public Launch launch(Seat seat) {
      List<String> command = new ArrayList<>(List.of(java.toString()));
      command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx1g"));
      command.addAll(List.of("-cp", classes.toString(), "Floor", Integer.toString(seat.port())));
      return new Launch(command, Map.of(), Pattern.compile("^Floor is ready"));
    }
  }

  /// Of a peer that was fetched: its own class and the files of its libraries.
  private static String classPath(Path classes) throws IOException {
    return classes + ":" + Files.readString(classes.resolve("classpath")).strip();
  }

  /// The name of its file is all that tells its version.
  private static List<String> inClassPath(Path classes, String artifact) {
    return List.of(
        "grep", "-o", artifact + "-[0-9.]*[0-9]", classes.resolve("classpath").toString());
  }
}
