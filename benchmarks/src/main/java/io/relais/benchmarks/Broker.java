package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
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
  record Relais(String name, Path launcher, List<String> settings, String jvmOptions)
      implements Launched {
    public Relais {
      settings = List.copyOf(settings);
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
      Map<String, String> environment =
          Map.of("RELAIS_JVM_OPTIONS", (inherited + " " + jvmOptions).strip());
      return new Launch(command, environment, Pattern.compile("^Relais is ready"));
    }
  }

  /// Debian's mosquitto, in memory, with queues that do not drop and the window of the generator.
  record Mosquitto(String executable) implements Launched {
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
      Files.writeString(
          configuration,
          """
          listener %d 127.0.0.1
          allow_anonymous true
          max_queued_messages 0
          max_inflight_messages 100
          persistence false
          connection_messages false
          log_dest stderr
          log_type error
          log_type warning
          log_type information
          """
              .formatted(seat.port()));
      return new Launch(
          List.of(executable, "-c", configuration.toString()),
          Map.of(),
          Pattern.compile("mosquitto version \\S+ running"));
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
      return EnumSet.allOf(Need.class);
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
}
