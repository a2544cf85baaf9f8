package io.relais.admin;

import io.relais.api.ConfigurationChange;
import io.relais.api.ConfigurationKey;
import io.relais.api.ConfigurationPatch;
import io.relais.api.ConfigurationResult;
import io.relais.api.ConfigurationRevision;
import io.relais.api.Json;
import io.relais.api.Problem.FieldError;
import io.relais.api.Role;
import io.relais.broker.Administration;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The configuration: what is in effect and why, and changes of it while the node runs.
///
/// Owner: changes are guarded by itself, so that they come one after the other.
final class ConfigurationCalls {
  private static final String DRY_RUN = "dryRun";
  private static final String DRY_RUN_IS = "Only say what is wrong, or what would change";

  private final RunningConfiguration running;
  private final Administration broker;
  private final Revisions revisions;
  private final Audit audit;

  ConfigurationCalls(RunningConfiguration running, Administration broker, Audit audit) {
    this.running = running;
    this.broker = broker;
    this.revisions = new Revisions(broker);
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get(
            "/api/v1/configuration",
            Role.OPERATOR,
            "Each key: its value, where it comes from, and when a change takes effect")
        .givesPageOf(ConfigurationKey.class)
        .by(this::keys);
    operations
        .patch(
            "/api/v1/configuration",
            Role.ADMINISTRATOR,
            "Changes keys, all or none; what the file names, the file decides")
        .query(DRY_RUN, boolean.class, DRY_RUN_IS)
        .takes(ConfigurationPatch.class)
        .gives(ConfigurationResult.class)
        .by(this::change);
    operations
        .post(
            "/api/v1/configuration/reload",
            Role.ADMINISTRATOR,
            "Reads the file again and brings into effect what changed")
        .query(DRY_RUN, boolean.class, DRY_RUN_IS)
        .gives(ConfigurationResult.class)
        .by(this::reload);
    operations
        .get("/api/v1/configuration/revisions", Role.OPERATOR, "Changes by the API, newest first")
        .givesPageOf(ConfigurationRevision.class)
        .by(call -> Pages.of(revisions.newestFirst(), call, id -> inList(revisions.get(id))));
    operations
        .get(
            "/api/v1/configuration/revisions/{number}",
            Role.OPERATOR,
            "One change, and all that the API had set after it")
        .gives(ConfigurationRevision.class)
        .by(call -> revision(number(call)));
    operations
        .post(
            "/api/v1/configuration/revisions/{number}/revert",
            Role.ADMINISTRATOR,
            "Goes back to what the API had set after a revision; 0: to nothing")
        .query(DRY_RUN, boolean.class, DRY_RUN_IS)
        .gives(ConfigurationResult.class)
        .by(this::revert);
  }

  private Object keys(Call call) {
    var keys = new TreeMap<String, ConfigurationKey>();
    running.keys().forEach(key -> keys.put(key.key(), key));
    return Pages.of(keys.navigableKeySet(), call, keys::get);
  }

  private static @Nullable ConfigurationRevision inList(@Nullable ConfigurationRevision one) {
    return one == null
        ? null
        : new ConfigurationRevision(
            one.number(), one.at(), one.by(), one.address(), one.reverted(), one.changes(), null);
  }

  private static long number(Call call) {
    String text = call.path("number");
    if (!text.matches("\\d{1,18}")) {
      throw Failure.notFound("There is no revision '" + text + "'");
    }
    return Long.parseLong(text);
  }

  private ConfigurationRevision revision(long number) {
    ConfigurationRevision found = revisions.get(number);
    if (found == null) {
      throw Failure.notFound(
          "There is no revision %d; the newest %d are kept".formatted(number, Revisions.KEPT_MAX));
    }
    return found;
  }

  // ---- changes

  private synchronized Object change(Call call) {
    ConfigurationPatch patch = call.body(ConfigurationPatch.class);
    if (patch.changes() == null || patch.changes().isEmpty()) {
      throw Failure.invalid("changes", "is missing or empty");
    }
    Map<String, JsonNode> values = new TreeMap<>(revisions.values());
    var check = new Check();
    patch
        .changes()
        .forEach(
            (key, value) -> {
              boolean takenBack = value == null || value.isNull();
              if (takenBack) {
                check.require(
                    values.remove(key) != null, key, "was not set by the API, so nothing is left");
              } else {
                check.none(key, running.problemWithSetting(key));
                values.put(key, value);
              }
            });
    check.throwIfAny();
    patch
        .changes()
        .forEach(
            (key, value) -> {
              if (values.containsKey(key)) {
                mayBeSet(key);
              }
            });
    return set(call, values, null);
  }

  private void mayBeSet(String key) {
    String elsewhere = running.setElsewhere(key);
    if (elsewhere != null) {
      throw Failure.conflict(
          "%s is set in %s, which decides; remove it there to set it here"
              .formatted(key, elsewhere));
    }
  }

  private synchronized Object revert(Call call) {
    long number = number(call);
    Map<String, JsonNode> values = number == 0 ? Map.of() : Revisions.values(revision(number));
    return set(call, values, number);
  }

  private Object set(Call call, Map<String, JsonNode> values, @Nullable Long reverted) {
    int bytes = Json.MAPPER.writeValueAsBytes(values).length;
    if (bytes > Revisions.VALUES_BYTES_MAX) {
      throw Failure.invalid(
          "changes",
          "all that the API sets would take %d bytes, more than %d"
              .formatted(bytes, Revisions.VALUES_BYTES_MAX));
    }
    Map<String, JsonNode> before = revisions.values();
    ConfigurationRevision newest = revisions.newest();
    long last = newest == null ? 0 : newest.number();
    RunningConfiguration.Plan plan = fit(() -> running.plan(last + 1, values));
    if (call.flag(DRY_RUN) || values.equals(before)) {
      return told(values.equals(before) && last > 0 ? (Long) last : null, plan.changes());
    }
    apply(plan);
    var made =
        new ConfigurationRevision(
            last + 1,
            Instant.ofEpochMilli(broker.logTimeMillis()),
            call.caller().name(),
            call.address(),
            reverted,
            plan.changes(),
            values);
    try {
      revisions.add(made);
    } catch (Failure notKept) {
      apply(fit(() -> running.plan(last, before)));
      throw notKept;
    }
    audit.note(call, side(plan.changes(), true), side(plan.changes(), false));
    return told(made.number(), plan.changes());
  }

  private synchronized Object reload(Call call) {
    RunningConfiguration.Plan plan = fit(running::reload);
    if (!call.flag(DRY_RUN)) {
      apply(plan);
      audit.note(call, side(plan.changes(), true), side(plan.changes(), false));
    }
    return told(null, plan.changes());
  }

  private static ConfigurationResult told(
      @Nullable Long revision, List<ConfigurationChange> changes) {
    return new ConfigurationResult(
        revision,
        changes,
        changes.stream()
            .filter(change -> change.effect().equals("restart"))
            .map(ConfigurationChange::key)
            .toList());
  }

  private static Map<String, @Nullable String> side(
      List<ConfigurationChange> changes, boolean before) {
    Map<String, @Nullable String> side = new TreeMap<>();
    changes.forEach(change -> side.put(change.key(), before ? change.before() : change.after()));
    return side;
  }

  /// Makes a plan.
  private interface Planning {
    RunningConfiguration.Plan make() throws RunningConfiguration.Unfit;
  }

  private static RunningConfiguration.Plan fit(Planning planning) {
    try {
      return planning.make();
    } catch (RunningConfiguration.Unfit e) {
      List<FieldError> errors = new ArrayList<>(e.errors());
      throw Failure.invalid(errors);
    }
  }

  private static void apply(RunningConfiguration.Plan plan) {
    try {
      plan.apply();
    } catch (IOException e) {
      throw Failure.conflict("Nothing was changed: " + e.getMessage());
    }
  }
}
