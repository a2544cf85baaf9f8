package io.relais.admin;

import io.relais.api.Ban;
import io.relais.api.BanKind;
import io.relais.api.Role;
import io.relais.broker.Administration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who may not connect, as operators change it.
final class BanCalls {
  private static final int REASON_MAX = 1_024;
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private final Administration broker;
  private final Bans bans;
  private final Audit audit;

  BanCalls(Administration broker, Bans bans, Audit audit) {
    this.broker = broker;
    this.bans = bans;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/bans", Role.OPERATOR, "Who may not connect, the oldest first")
        .givesPageOf(Ban.class)
        .by(call -> Pages.of(bans.ids(), call, bans::get));
    operations
        .post("/api/v1/bans", Role.OPERATOR, "Bans clients, and disconnects them")
        .takes(Ban.class)
        .gives(Ban.class)
        .creates()
        .by(this::make);
    operations.delete("/api/v1/bans/{id}", Role.OPERATOR, "Removes a ban").by(this::drop);
  }

  private Object make(Call call) {
    Ban given = call.body(Ban.class);
    var check = new Check();
    check.present("kind", given.kind(), BanKind.CLIENT);
    check.name("value", given.value());
    String reason = given.reason();
    check.require(
        reason == null || reason.length() <= REASON_MAX,
        "reason",
        "has more than " + REASON_MAX + " characters");
    check.require(
        reason == null || reason.codePoints().noneMatch(Character::isISOControl),
        "reason",
        "has a control character");
    Instant until = given.until();
    check.require(
        until == null || until.isAfter(Instant.ofEpochMilli(broker.logTimeMillis())),
        "until",
        "is past");
    check.require(until == null || !until.isAfter(LAST), "until", "is after the year 9999");
    check.require(given.id() == null, "id", "is made by the server");
    check.require(given.createdAt() == null, "createdAt", "is made by the server");
    check.require(given.by() == null, "by", "is made by the server");
    check.throwIfAny();
    Ban made = bans.add(given, call.caller().name());
    audit.note(call, null, made);
    return made;
  }

  private @Nullable Object drop(Call call) {
    String id = call.path("id");
    Ban before = bans.remove(id);
    if (before == null) {
      throw Failure.notFound("There is no ban '" + id + "'");
    }
    audit.note(call, before, null);
    return null;
  }
}
