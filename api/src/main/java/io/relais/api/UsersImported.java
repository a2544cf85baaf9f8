package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of an import of users.
///
/// @param dryRun nothing was changed: this is what would come of it
/// @param refusals one for each user that was refused
public record UsersImported(
    boolean dryRun, int added, int replaced, int refused, List<Refusal> refusals) {

  /// @param line of the file, from 1; in JSON the place in the array
  /// @param username null: there is none
  /// @param reason never with a password or a hash
  public record Refusal(int line, @Nullable String username, String reason) {}
}
