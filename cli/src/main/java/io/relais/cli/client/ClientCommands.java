package io.relais.cli.client;

import java.util.List;

/// The client commands, for the program's root command to register.
public final class ClientCommands {
  private ClientCommands() {}

  /// New instances of `pub`, `sub` and `rr`, in the order in which help lists them.
  public static List<Object> all() {
    return List.of(new PubCommand(), new SubCommand(), new RrCommand());
  }
}
