package io.relais.server.config;

/// How many threads of each kind a node has.
public record ThreadsConfiguration(
    @Key(
            value = "Event loops; each serves its share of the connections. 1 to 1024.",
            derived = "the number of processors without one, at least 1")
        int loops) {
  public ThreadsConfiguration {
    Violations violations = new Violations();
    violations.range("loops", loops, 1, 1024);
    violations.throwIfAny();
  }
}
