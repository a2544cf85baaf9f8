package io.relais.cli.ctl;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Nodes and listeners.
final class NodeCommands {

  private NodeCommands() {}

  @Command(name = "nodes", mixinStandardHelpOptions = true, description = "Lists the nodes.")
  static final class Nodes implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/nodes",
          Map.of(),
          Lists.ALL,
          "id",
          "version",
          "state",
          "role",
          "address",
          "connections",
          "uptimeSeconds");
    }
  }

  @Command(
      name = "listeners",
      mixinStandardHelpOptions = true,
      description = "Lists where clients connect.")
  static final class Listeners implements Callable<Integer> {
    @Mixin ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws IOException {
      return options.list(
          "/api/v1/listeners",
          Map.of(),
          Lists.ALL,
          "name",
          "transport",
          "address",
          "connections",
          "allowAnonymous");
    }
  }
}
