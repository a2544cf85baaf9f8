package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What other rules would change for what clients really do.
///
/// @param checkedSubscriptions that stand now
/// @param checkedPublishes messages of late, as far as they were noted down
/// @param truncated not all was looked at, or more would change than is given
public record RulesTried(
    int checkedSubscriptions, int checkedPublishes, boolean truncated, List<AccessChange> changes) {
  public RulesTried {
    changes = List.copyOf(changes);
  }

  /// What one client could do no more, or could do now.
  ///
  /// @param action `publish` or `subscribe`
  /// @param username null: anonymous, or away
  /// @param topic of the messages; of a subscription its filter
  /// @param before by the rules in force: `allow` or `deny`; of a subscription also `part`, which
  ///   is granted while messages on a part of it are held back
  /// @param after by the rules that are tried
  /// @param ruleBefore index of the rule in force that decides; null: none speaks of it
  /// @param rule index of the rule that would decide; null: none speaks of it
  public record AccessChange(
      String action,
      String clientId,
      @Nullable String username,
      String topic,
      String before,
      String after,
      @Nullable Integer ruleBefore,
      @Nullable Integer rule) {}
}
