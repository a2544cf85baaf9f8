package io.relais.cli;

import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.server.config.Loaded;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say what the configuration is, shared by `start` and `config`.
final class ConfigurationOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Configuration file (YAML). Without it: the defaults, on loopback.")
  @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Set one key, like limits.payload-bytes=2MiB; repeatable.")
  List<String> set = List.of();

  @Option(
      names = "--listen",
      paramLabel = "[TRANSPORT://]HOST:PORT",
      description = "Listen here, instead of on all listeners of the configuration; repeatable.")
  List<String> listen = List.of();

  Loaded load() {
    return ConfigurationLoader.load(new Sources(file, System.getenv(), listen, set));
  }
}
