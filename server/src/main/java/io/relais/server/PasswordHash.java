package io.relais.server;

import io.relais.broker.access.Passwords;

/// Hashes passwords as a node checks them, for programs that write password files.
public final class PasswordHash {
  private PasswordHash() {}

  /// Takes some ten milliseconds.
  public static String of(String password) {
    return Passwords.hash(password);
  }
}
