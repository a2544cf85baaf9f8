package io.relais.broker.access;

import io.relais.protocol.ReasonCode;
import org.jspecify.annotations.Nullable;

/// What a source of authentication says of a client.
public sealed interface Answer {
  /// Not my business: the next source is asked.
  Answer ABSTAIN = new Abstain();

  /// @param username what the client is called from now on; null: anonymous
  record Accept(@Nullable String username, Grant grant) implements Answer {
    public Accept(@Nullable String username) {
      this(username, Grant.NONE);
    }
  }

  /// @param why for the log and for `explain`; never sent to the client, never with a secret
  record Refuse(ReasonCode reason, String why) implements Answer {}

  record Abstain() implements Answer {}
}
