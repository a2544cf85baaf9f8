package io.relais.broker;

import io.relais.broker.access.Client;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What became of the topics that one client publishes to, so that a topic is looked at once and
/// not with each message.
///
/// Owner: the session's loop. Limits: [#SLOTS] topics of up to [#TOPIC_BYTES_MAX] bytes; a new one
/// takes the place of another with the same slot.
final class Rewriter {
  private static final int SLOTS = 64;
  private static final int TOPIC_BYTES_MAX = 1_024;

  /// @param to null: it stays
  /// @param refused why it cannot be rewritten; null: it can
  record Known(byte[] from, byte @Nullable [] to, @Nullable String refused) {}

  private final Rewrites rules;
  private final Client client;
  private final @Nullable Known[] slots = new Known[SLOTS];

  Rewriter(Rewrites rules, Client client) {
    this.rules = rules;
    this.client = client;
  }

  /// @return null: this topic is not known
  @Nullable Known find(byte[] array, int start, int end) {
    Known known = slots[slot(array, start, end)];
    return known != null && Arrays.equals(known.from, 0, known.from.length, array, start, end)
        ? known
        : null;
  }

  /// Looks at a topic that was checked.
  Known of(byte[] array, int start, int end) {
    byte[] from = Arrays.copyOfRange(array, start, end);
    Known known =
        switch (rules.ofTopic(new String(from, StandardCharsets.UTF_8), client)) {
          case Rewrites.Outcome.Same() -> new Known(from, null, null);
          case Rewrites.Outcome.Other(String topic, int _) ->
              new Known(from, topic.getBytes(StandardCharsets.UTF_8), null);
          case Rewrites.Outcome.Refused(String why, int _) -> new Known(from, null, why);
        };
    if (from.length <= TOPIC_BYTES_MAX) {
      slots[slot(array, start, end)] = known;
    }
    return known;
  }

  private static int slot(byte[] array, int start, int end) {
    int hash = end - start;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + array[i];
    }
    return (hash * 0x9E3779B9) >>> 26;
  }
}
