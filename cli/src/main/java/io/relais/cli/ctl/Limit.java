package io.relais.cli.ctl;

import picocli.CommandLine.Option;

/// How much of a list is asked for.
final class Limit {
  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "At most so many. Default: 1000.")
  int most = 1_000;
}
