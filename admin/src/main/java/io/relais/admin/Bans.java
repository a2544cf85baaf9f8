package io.relais.admin;

import io.relais.api.Ban;
import io.relais.api.BanKind;
import io.relais.broker.Administration;
import io.relais.broker.access.BanList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may not connect: kept as documents, and in force as the broker's list. A thread of its own
/// bans client ids that flap, and removes bans that are over.
///
/// Owner: guarded by itself. Limits: [#BANS_MAX] bans, [#COMPARED_MAX] of them ranges and patterns,
/// with which each client that connects is compared.
final class Bans implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Bans.class);
  static final int BANS_MAX = 100_000;
  static final int COMPARED_MAX = 1_000;
  private static final int FOUND_MAX = 10_000;
  private static final int REMOVED_AT_ONCE = 10_000;
  private static final long SWEEP_SECONDS = 60;
  private static final String BY_FLAPPING = "flapping";

  /// What no two bans have in common.
  private record Name(io.relais.broker.access.Ban.Kind kind, String value) {
    static Name of(io.relais.broker.access.Ban ban) {
      return new Name(ban.kind(), ban.value());
    }
  }

  private record Entry(String id, io.relais.broker.access.Ban ban) {
    boolean isOver(long nowMillis) {
      return ban.untilMillis() <= nowMillis;
    }
  }

  /// A client id that connected too often.
  private record Found(String clientId, Duration time) {}

  private final Administration broker;
  private final Shelf<Ban> shelf;
  private final Map<Name, Entry> entries = new HashMap<>();
  private final BlockingQueue<Found> found = new LinkedBlockingQueue<>(FOUND_MAX);
  private final Thread keeper =
      Thread.ofPlatform().daemon().name("relais-bans").unstarted(this::keep);
  private long lastId;

  /// Puts the bans in force; before a listener opens.
  Bans(Administration broker) {
    this.broker = broker;
    this.shelf = new Shelf<>(broker, "bans", Ban.class);
    for (String id : shelf.ids()) {
      Ban stored = shelf.get(id);
      if (stored != null) {
        var ban = parse(stored);
        entries.put(Name.of(ban), new Entry(id, ban));
        lastId = Math.max(lastId, Long.parseLong(id, 16));
      }
    }
    putInForce(List.of());
    broker.onFlapping(
        (clientId, time) -> {
          if (!found.offer(new Found(clientId, time))) {
            LOG.debug("'{}' flaps, and too many others do that are still to be banned", clientId);
          }
        });
    keeper.start();
  }

  private static io.relais.broker.access.Ban parse(Ban told) {
    BanKind kind = told.kind();
    String value = told.value();
    if (kind == null || value == null) {
      throw Failure.invalid(kind == null ? "kind" : "value", "is missing");
    }
    Instant until = told.until();
    try {
      return io.relais.broker.access.Ban.of(
          switch (kind) {
            case CLIENT -> io.relais.broker.access.Ban.Kind.CLIENT;
            case USER -> io.relais.broker.access.Ban.Kind.USER;
            case ADDRESS -> io.relais.broker.access.Ban.Kind.ADDRESS;
            case CLIENT_PATTERN -> io.relais.broker.access.Ban.Kind.CLIENT_PATTERN;
            case USER_PATTERN -> io.relais.broker.access.Ban.Kind.USER_PATTERN;
          },
          value,
          until == null ? Long.MAX_VALUE : until.toEpochMilli());
    } catch (IllegalArgumentException e) {
      throw Failure.invalid("value", String.valueOf(e.getMessage()));
    }
  }

  private void putInForce(Collection<io.relais.broker.access.Ban> added) {
    broker.setBans(
        new BanList(entries.values().stream().map(Entry::ban).toList()), new BanList(added));
  }

  NavigableSet<String> ids() {
    return shelf.ids();
  }

  /// @return null: there is none, or it is over
  @Nullable Ban get(String id) {
    Ban ban = shelf.get(id);
    boolean over =
        ban != null && ban.until() != null && ban.until().toEpochMilli() <= broker.logTimeMillis();
    return over ? null : ban;
  }

  /// @param given with kind, value, reason and until
  /// @return as it was made
  synchronized Ban add(Ban given, String by) {
    long now = broker.logTimeMillis();
    var ban = parse(given);
    Entry there = entries.get(Name.of(ban));
    if (there != null && !there.isOver(now)) {
      throw Failure.conflict(
          "The %s '%s' is banned already, by %s"
              .formatted(ban.kind().label(), ban.value(), there.id()));
    }
    if (isFull(now)) {
      throw Failure.conflict("There are %d bans, which is the most".formatted(BANS_MAX));
    }
    if (ban.isCompared() && compared() >= COMPARED_MAX) {
      throw Failure.conflict(
          "There are %d bans of ranges and patterns, which is the most".formatted(COMPARED_MAX));
    }
    Ban made = make(ban, given.reason(), given.until(), by, now);
    shelf.put(String.valueOf(made.id()), made);
    enter(ban, made);
    putInForce(List.of(ban));
    return made;
  }

  private boolean isFull(long now) {
    if (entries.size() >= BANS_MAX) {
      removeOver(now);
    }
    return entries.size() >= BANS_MAX;
  }

  private long compared() {
    return entries.values().stream().filter(entry -> entry.ban.isCompared()).count();
  }

  private Ban make(
      io.relais.broker.access.Ban ban,
      @Nullable String reason,
      @Nullable Instant until,
      String by,
      long now) {
    lastId = Math.max(lastId + 1, now * 1_000);
    BanKind kind = BanKind.valueOf(ban.kind().name());
    String id = "%013x".formatted(lastId); // in the order in which they were made
    return new Ban(id, kind, ban.value(), reason, Instant.ofEpochMilli(now), until, by);
  }

  private void enter(io.relais.broker.access.Ban ban, Ban made) {
    Entry over = entries.put(Name.of(ban), new Entry(String.valueOf(made.id()), ban));
    if (over != null) {
      shelf.drop(over.id());
    }
  }

  /// @return as it was, or null: there was none
  synchronized @Nullable Ban remove(String id) {
    Ban ban = get(id);
    if (ban == null) {
      return null;
    }
    shelf.drop(id);
    entries.values().removeIf(entry -> entry.id().equals(id));
    putInForce(List.of());
    return ban;
  }

  // ---- what happens by itself

  private void keep() {
    try {
      long sweptNanos = System.nanoTime();
      while (true) {
        List<Found> some = new ArrayList<>();
        Found first = found.poll(SWEEP_SECONDS, TimeUnit.SECONDS);
        if (first != null) {
          some.add(first);
          found.drainTo(some);
        }
        try {
          banFlapping(some);
          if (System.nanoTime() - sweptNanos >= TimeUnit.SECONDS.toNanos(SWEEP_SECONDS)) {
            sweptNanos = System.nanoTime();
            sweep();
          }
        } catch (RuntimeException e) {
          LOG.warn("Bans could not be kept: {}", e.toString());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the node ends
    }
  }

  /// In force before it is kept: what flaps should stop soon.
  private synchronized void banFlapping(List<Found> some) {
    long now = broker.logTimeMillis();
    List<io.relais.broker.access.Ban> added = new ArrayList<>();
    Map<String, Ban> made = new LinkedHashMap<>();
    for (Found one : some) {
      long until = now + one.time.toMillis();
      var ban =
          new io.relais.broker.access.Ban(
              io.relais.broker.access.Ban.Kind.CLIENT, one.clientId, until);
      Entry there = entries.get(Name.of(ban));
      if (there != null && !there.isOver(now) || isFull(now)) {
        continue;
      }
      Ban told =
          make(
              ban,
              "connected too often (limits.flapping)",
              Instant.ofEpochMilli(until),
              BY_FLAPPING,
              now);
      enter(ban, told);
      added.add(ban);
      made.put(String.valueOf(told.id()), told);
    }
    if (!added.isEmpty()) {
      putInForce(added);
      shelf.putAll(made);
    }
  }

  private synchronized void sweep() {
    removeOver(broker.logTimeMillis());
  }

  private void removeOver(long now) {
    List<Entry> over =
        entries.values().stream()
            .filter(entry -> entry.isOver(now))
            .limit(REMOVED_AT_ONCE)
            .toList();
    if (over.isEmpty()) {
      return;
    }
    shelf.dropAll(over.stream().map(Entry::id).toList());
    over.forEach(entry -> entries.remove(Name.of(entry.ban)));
    putInForce(List.of());
  }

  @Override
  public void close() {
    keeper.interrupt();
    try {
      keeper.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
