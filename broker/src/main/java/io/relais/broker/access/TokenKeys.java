package io.relais.broker.access;

import com.nimbusds.jose.JWSHeader;
import java.util.List;
import java.util.function.Consumer;

/// Where keys of tokens come from: one that is configured ([FixedKey]), or a set that changes
/// ([JwkSet]).
interface TokenKeys extends AutoCloseable {
  /// What came of looking for keys.
  sealed interface Found {
    /// Those that may have signed it; empty: nobody known did.
    record Keys(List<TokenKey> keys) implements Found {}

    /// It is not our turn to say.
    record Unavailable(Answer.Refuse refusal) implements Found {}
  }

  /// @param then told once, at once or from another thread
  void find(JWSHeader header, Consumer<Found> then);

  @Override
  default void close() {}

  /// Owner: immutable.
  record FixedKey(TokenKey key) implements TokenKeys {
    @Override
    public void find(JWSHeader header, Consumer<Found> then) {
      then.accept(new Found.Keys(key.fits(header) ? List.of(key) : List.of()));
    }
  }
}
