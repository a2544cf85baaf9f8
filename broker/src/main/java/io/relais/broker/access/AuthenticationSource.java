package io.relais.broker.access;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Knows clients: built-in users, later certificates, tokens, directories. Asked on a loop, so it
/// must not block there; it answers once, from any thread, at once or later.
public interface AuthenticationSource {
  /// As in configuration and logs.
  String name();

  /// Whether it knows anybody. As long as no source does, credentials are ignored. Any thread.
  default boolean isConfigured() {
    return true;
  }

  /// @param password null: none was given
  void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer);

  /// Begins an exchange of AUTH packets, also for a re-authentication.
  ///
  /// @param method the Authentication Method of MQTT 5.0 [section 4.12]
  /// @return null if this source does not know the method
  default @Nullable Exchange begin(String method, Client client) {
    return null;
  }

  /// One exchange with one client.
  interface Exchange {
    /// @param data Authentication Data of the client's packet; null: none
    void step(byte @Nullable [] data, Consumer<Step> next);
  }

  /// What an exchange comes to with each step.
  sealed interface Step {
    /// More is wanted: goes out as AUTH 0x18.
    record Continue(byte[] data) implements Step {}

    /// @param data for the CONNACK, or the AUTH that ends a re-authentication
    record Accept(@Nullable String username, byte @Nullable [] data) implements Step {}

    record Refuse(io.relais.protocol.ReasonCode reason, String why) implements Step {}
  }
}
