package io.relais.cli.ctl;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whose message or subscription is explained.
final class SubjectOptions {
  @Option(names = "--client", paramLabel = "CLIENT", description = "Client id.")
  @Nullable String client;

  @Option(
      names = "--username",
      paramLabel = "USER",
      description = "User name. Default: that of the connected client.")
  @Nullable String username;

  @Option(names = "--address", paramLabel = "ADDRESS", description = "Where it comes from.")
  @Nullable String address;

  void addTo(Map<String, @Nullable Object> body) {
    body.put("clientId", client);
    body.put("username", username);
    body.put("address", address);
  }
}
