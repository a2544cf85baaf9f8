package io.relais.cli.client;

/// A client command ends unsuccessfully: one sentence for the user, and the exit code.
///
/// Exit codes are those of mosquitto's clients: 1 for a failure before or beside MQTT, the code of
/// the CONNACK when the server refused, 27 when `-W` ran out.
final class ClientFailure extends RuntimeException {
  static final int GENERAL = 1;
  static final int TIMED_OUT = 27;

  private final int exitCode;

  ClientFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  static ClientFailure general(String message) {
    return new ClientFailure(GENERAL, message);
  }

  int exitCode() {
    return exitCode;
  }
}
