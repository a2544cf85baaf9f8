package io.relais.admin;

import io.relais.api.AuditEntry;
import io.relais.api.Json;
import io.relais.broker.Administration;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What was changed by the API, by whom and from where, before and after.
///
/// Owner: any thread; the state is behind it. Limits: the newest [#KEPT_MAX] entries.
final class Audit {
  static final int KEPT_MAX = 10_000;

  private final Shelf<AuditEntry> shelf;
  private final Administration broker;
  private final AtomicLong last = new AtomicLong();

  Audit(Administration broker) {
    this.broker = broker;
    this.shelf = new Shelf<>(broker, "audit", AuditEntry.class);
  }

  /// @param before without secrets; null: there was nothing
  /// @param after without secrets; null: nothing is left
  void note(Call call, @Nullable Object before, @Nullable Object after) {
    long now = last.accumulateAndGet(broker.logTimeMillis() * 1_000, (a, b) -> Math.max(a + 1, b));
    var entry =
        new AuditEntry(
            Instant.ofEpochMilli(now / 1_000),
            call.caller().name(),
            call.address(),
            call.exchange().getRequestMethod() + " " + call.exchange().getRequestURI().getRawPath(),
            before == null ? null : Json.MAPPER.valueToTree(before),
            after == null ? null : Json.MAPPER.valueToTree(after));
    shelf.put("%019d".formatted(now), entry);
    while (shelf.size() > KEPT_MAX) {
      shelf.drop(shelf.ids().first());
    }
  }

  NavigableSet<String> newestFirst() {
    return shelf.ids().descendingSet();
  }

  @Nullable AuditEntry get(String id) {
    return shelf.get(id);
  }
}
