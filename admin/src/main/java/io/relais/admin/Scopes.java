package io.relais.admin;

import io.relais.api.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which scopes there are, to bound keys to: those of all calls, and that of the metrics.
///
/// Owner: any thread, once all calls are there.
final class Scopes {
  static final String METRICS = "metrics:read";

  private final List<Operation> operations;

  /// @param operations all calls; more may be added as long as nobody asks
  Scopes(List<Operation> operations) {
    this.operations = operations;
  }

  /// Each with the least role that has a use for it.
  private Map<String, Role> all() {
    var all = new TreeMap<String, Role>();
    all.put(METRICS, Role.VIEWER);
    for (Operation one : operations) {
      Role needed = one.role();
      if (needed != null) {
        all.merge(one.scope(), needed, (a, b) -> a.includes(b) ? b : a);
      }
    }
    return all;
  }

  /// Checks the scopes that a key shall have.
  ///
  /// @param given null: it is bounded to none
  /// @param maker who makes it, and may give no more than it has
  /// @return each once, sorted; null: none are given
  @Nullable List<String> checked(
      @Nullable List<String> given, Role role, Caller maker, Check check) {
    if (given == null) {
      check.require(
          maker.scopes() == null,
          "scopes",
          "are missing; a key that is bounded makes only such keys");
      return null;
    }
    check.require(
        !given.isEmpty(),
        "scopes",
        "is empty, so the key would be for nothing; leave it out, or name" + " some");
    Map<String, Role> all = all();
    List<String> scopes = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String scope = String.valueOf(given.get(i));
      String at = "scopes[" + i + "]";
      Role least = all.get(scope);
      if (least == null) {
        check.require(
            false,
            at,
            "is '%s' and must be one of %s".formatted(scope, String.join(", ", all.keySet())));
        continue;
      }
      check.require(
          role.includes(least),
          at,
          "is '%s', which needs the role %s".formatted(scope, Front.label(least)));
      check.require(
          maker.hasScope(scope), at, "is '%s', which you do not have yourself".formatted(scope));
      scopes.add(scope);
    }
    return scopes.stream().distinct().sorted().toList();
  }
}
