package io.relais.admin;

import io.relais.api.Drop;
import io.relais.api.DropReason;
import io.relais.api.Items;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.Counter;
import io.relais.protocol.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What was not delivered, and why.
final class DropCalls {
  private static final List<Counter> REASONS =
      Arrays.stream(Counter.values()).filter(Counter::isDrop).toList();

  private final Administration broker;

  DropCalls(Administration broker) {
    this.broker = broker;
  }

  void addTo(Operations operations) {
    operations
        .get(
            "/api/v1/drops",
            Role.VIEWER,
            "Messages that somebody did not get, the newest first: a sample for each reason")
        .query("reason", String.class, "Only those dropped for this reason, like queue-full")
        .query("clientId", String.class, "Only those that this client did not get, or published")
        .query("topic", String.class, "Only those on topics that this filter takes in")
        .givesPageOf(Drop.class)
        .by(this::drops);
    operations
        .get("/api/v1/drops/reasons", Role.VIEWER, "How many messages were dropped, by reason")
        .givesPageOf(DropReason.class)
        .by(call -> new Items<>(reasons(), null));
  }

  private Object drops(Call call) {
    Predicate<io.relais.broker.Drop> wanted =
        reason(call.query("reason")).and(client(call.query("clientId"))).and(topic(call));
    long below = call.cursor(Long.MAX_VALUE);
    int limit = call.limit();
    List<Drop> items = new ArrayList<>();
    long last = 0;
    for (io.relais.broker.Drop drop : broker.drops()) {
      if (drop.number() >= below || !wanted.test(drop)) {
        continue;
      }
      if (items.size() == limit) {
        return new Items<>(items, Call.cursor(Long.toString(last)));
      }
      items.add(told(drop));
      last = drop.number();
    }
    return new Items<>(items, null);
  }

  private static Predicate<io.relais.broker.Drop> reason(@Nullable String text) {
    if (text == null) {
      return drop -> true;
    }
    for (Counter reason : REASONS) {
      if (reason.reason().equals(text)) {
        return drop -> drop.reason() == reason;
      }
    }
    throw Failure.invalid(
        "reason",
        "is '%s' and must be one of %s"
            .formatted(text, String.join(", ", REASONS.stream().map(Counter::reason).toList())));
  }

  private static Predicate<io.relais.broker.Drop> client(@Nullable String id) {
    return id == null
        ? drop -> true
        : drop -> id.equals(drop.clientId()) || id.equals(drop.publisher());
  }

  private static Predicate<io.relais.broker.Drop> topic(Call call) {
    String filter = call.query("topic");
    if (filter == null) {
      return drop -> true;
    }
    new Check().none("topic", Topics.problemWithFilter(filter)).throwIfAny();
    return drop -> Topics.matches(filter, drop.topic());
  }

  private static Drop told(io.relais.broker.Drop drop) {
    return new Drop(
        Instant.ofEpochMilli(drop.timeMillis()),
        drop.reason().reason(),
        drop.topic(),
        drop.clientId(),
        drop.publisher(),
        drop.qos(),
        drop.payloadBytes());
  }

  private List<DropReason> reasons() {
    List<io.relais.broker.Drop> recorded = broker.drops();
    return REASONS.stream()
        .map(
            reason ->
                new DropReason(
                    reason.reason(),
                    broker.count(reason),
                    (int) recorded.stream().filter(drop -> drop.reason() == reason).count()))
        .toList();
  }
}
