package io.relais.server.config;

/// What a node remembers of the recent past, for operators; all of it is in memory.
public record TracesConfiguration(
    @Key(
            value =
                "CONNECT, SUBSCRIBE, DISCONNECT, their answers and ends of connections that are remembered, of all clients, and as"
                    + " many packets again of clients that are watched. `0`: none. Up to 100000.",
            standard = "4000")
        int controlPackets,
    @Key(
            value =
                "Messages of which it is remembered what became of them. `0`: none. Up to 100000.",
            standard = "1000")
        int messages,
    @Key(
            value =
                "Messages a second of which that is noted down at most; under a higher load it is a sample. 1 to 10000.",
            standard = "100")
        int messagesPerSecond) {
  static final int ENTRIES_MAX = 100_000;

  public TracesConfiguration {
    Violations violations = new Violations();
    violations.range("control-packets", controlPackets, 0, ENTRIES_MAX);
    violations.range("messages", messages, 0, ENTRIES_MAX);
    violations.range("messages-per-second", messagesPerSecond, 1, 10_000);
    violations.throwIfAny();
  }
}
