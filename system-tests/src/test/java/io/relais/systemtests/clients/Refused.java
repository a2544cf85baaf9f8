package io.relais.systemtests.clients;

/// The broker refused a CONNECT.
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int code;

  /// @param code of the CONNACK
  Refused(int code) {
    super("the broker refused the connection with code 0x%02X".formatted(code));
    this.code = code;
  }

  int code() {
    return code;
  }
}
