package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.DropReason;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Hands out what waits in the queue of one shared group: each entry to one connected member that
/// has room for it, by the policy of the group. Alone in doing so, it needs no lock.
///
/// A member with a persistent session gets an entry by a command that moves it into its own queue;
/// one that it did not acknowledge at QoS 1 comes back when it goes. A transient member is lent the
/// entry, which is removed when it is acknowledged; at QoS 0 and 2 it is removed before it is sent,
/// so that nothing can double it.
///
/// Of the entries below `next` each is held here, or out with somebody, or done with; those from
/// there on are in the store, and while the dispatcher is not *behind* there are none. So it can
/// let go of what it holds at any time, from the end, and read it again.
///
/// Owner: its loop, but for [#wake], [#onLoad] and what tells it something, which any thread may
/// call. Limits: a member has [#CREDIT_MAX] entries at most; [#HELD_MAX] entries and
/// [#HELD_BYTES_MAX] are held, none while nobody is connected; the rest is read in pages.
final class Dispatcher {
  private static final int CREDIT_MAX = 256;
  private static final int HELD_MAX = 1_024;
  private static final long HELD_BYTES_MAX = 1 << 20;
  private static final int PAGE_ENTRIES = 256;
  private static final long PAGE_BYTES = HELD_BYTES_MAX / 4;

  /// What goes to the members of one loop in one turn.
  ///
  /// @param lent false: the store has removed it
  private record Parcel(Dispatcher from, Loop to, boolean lent, List<Outbound.Given> content)
      implements Runnable {
    @Override
    public void run() {
      to.updateTime();
      for (Outbound.Given one : content) {
        Outbound outbound = one.member().session.outbound();
        if (lent) {
          outbound.offerGiven(one);
        } else {
          outbound.offerShared(to.deliveryOf(one.entry().message()), one.member());
        }
      }
      // Only now do the loads of the members show it.
      from.tell(() -> content.forEach(one -> one.member().onTheWay--));
    }
  }

  private final Services services;
  private final Loop loop;
  private final SubscriptionFilter filter;
  private final long queue;
  private final ConcurrentLinkedQueue<Runnable> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();

  /// Something waits and nobody had room for it.
  private volatile boolean starved;

  private final TreeMap<Long, QueueEntry> held = new TreeMap<>(); // by sequence
  private long heldBytes;
  private final Set<Long> out = new HashSet<>(); // sequences that somebody has
  private long next;
  private boolean behind = true;
  private boolean reading;
  private boolean looksAgain;
  private long earliest; // of what was left for a page since one was asked for
  private long latest;
  private long leftBelow; // what waits below this ends with `left`; 0: nothing does
  private @Nullable SharedGroup left;
  private boolean ending;
  private boolean ended;

  // What one run gathers.
  private final List<Outbound.Given> handing = new ArrayList<>();
  private final List<Outbound.Given> removing = new ArrayList<>();
  private final Map<Loop, Parcel> lending = new HashMap<>();
  private long[] done = new long[16];
  private int doneCount;

  /// @param queue its id
  Dispatcher(Services services, Loop loop, SubscriptionFilter filter, long queue) {
    this.services = services;
    this.loop = loop;
    this.filter = filter;
    this.queue = queue;
  }

  // ---- from anywhere

  void wake() {
    if (woken.compareAndSet(false, true)) {
      loop.eventLoop().execute(this::run);
    }
  }

  private void tell(Runnable what) {
    arrived.add(what);
    wake();
  }

  /// The queue is no more.
  void end() {
    tell(() -> ended = true);
  }

  /// The queue ends when those who are connected now are gone: who comes later has subscribed to
  /// something new.
  ///
  /// @param below the sequence behind what waits for them
  void onOrphaned(long below) {
    SharedGroup now = services.tree().group(filter);
    tell(
        () -> {
          left = now;
          leftBelow = below;
        });
  }

  /// A member has more or less to do than before.
  void onLoad() {
    if (starved) {
      starved = false;
      wake();
    }
  }

  void onOffered(List<QueueEntry> entries) {
    tell(() -> entries.forEach(this::takeUp));
  }

  void onAcknowledged(long sequence) {
    tell(
        () -> {
          out.remove(sequence);
          isDone(sequence);
        });
  }

  void onReturned(QueueEntry entry) {
    tell(() -> takeBack(entry));
  }

  // ---- on its loop

  private void run() {
    woken.set(false);
    for (Runnable what; (what = arrived.poll()) != null; ) {
      what.run();
    }
    if (ended) {
      letGo();
      return;
    }
    loop.updateTime();
    handOut();
    submit();
  }

  private void endLeft() {
    ending = true;
    long below = leftBelow;
    leftBelow = 0;
    left = null;
    loop.lane()
        .submit(
            new Command.EndShared(filter, queue, below),
            outcome -> {
              ending = false;
              wake();
            });
  }

  private void takeUp(QueueEntry entry) {
    boolean isNew = entry.sequence() >= next;
    if (isNew && behind) {
      earliest = Math.min(earliest, entry.sequence());
      latest = Math.max(latest, entry.sequence());
      return; // it will be read
    }
    hold(entry);
    if (isNew) {
      next = entry.sequence() + 1;
    }
    while (held.size() > HELD_MAX || heldBytes > HELD_BYTES_MAX && held.size() > 1) {
      letGoFrom(held.lastKey());
    }
  }

  private void takeBack(QueueEntry entry) {
    out.remove(entry.sequence());
    takeUp(entry);
  }

  private void hold(QueueEntry entry) {
    if (held.put(entry.sequence(), entry) == null) {
      heldBytes += entry.bytes();
    }
  }

  /// Everything that is held will be read again.
  private void letGo() {
    if (!held.isEmpty()) {
      letGoFrom(held.firstKey());
    }
  }

  private void letGoFrom(long sequence) {
    Collection<QueueEntry> those = held.tailMap(sequence, true).values();
    those.forEach(entry -> heldBytes -= entry.bytes());
    those.clear();
    next = sequence;
    behind = true;
  }

  private void handOut() {
    SharedGroup group = services.tree().group(filter);
    if (leftBelow != 0 && (group == null || group != left)) {
      endLeft();
    }
    if (group == null || ending) { // who comes wakes us
      letGo();
      return;
    }
    starved = true; // first: whoever gets room while we look wakes us again
    Iterator<QueueEntry> waiting = held.values().iterator();
    while (waiting.hasNext()) {
      QueueEntry entry = waiting.next();
      if (entry.message().isExpired(loop.nowMillis())) { // [MQTT-3.3.2-5]
        loop.dropped(DropReason.EXPIRED, filter.text(), entry.message(), entry.qos());
        isDone(entry.sequence());
      } else {
        Subscriber member =
            group.choose(entry.message().publisher(), entry.message().topic(), Dispatcher::hasRoom);
        if (member != null) {
          give(member, entry);
        } else if (group.choosesByMessage()) {
          continue; // others may have room for what is theirs
        } else {
          break;
        }
      }
      waiting.remove();
      heldBytes -= entry.bytes();
    }
    if (held.isEmpty()) {
      starved = false;
    }
    read();
    lookAgain();
  }

  /// While something waits, a look now and then: what waits must not depend on one wake alone.
  private void lookAgain() {
    if (held.isEmpty() || looksAgain) {
      return;
    }
    looksAgain = true;
    var _ =
        loop.eventLoop()
            .schedule(
                () -> {
                  looksAgain = false;
                  wake();
                },
                Loop.TICK_MILLIS,
                TimeUnit.MILLISECONDS);
  }

  private static boolean hasRoom(Subscriber member) {
    Outbound outbound = member.session.outbound();
    return outbound.load() + member.onTheWay < Math.min(outbound.windowMax(), CREDIT_MAX);
  }

  private void give(Subscriber member, QueueEntry entry) {
    var given = new Outbound.Given(this, entry, member);
    int qos = Math.min(entry.qos(), member.qos); // [MQTT-4.8.2-3]
    member.onTheWay++;
    out.add(entry.sequence());
    if (qos > 0 && member.session.isPersistent()) {
      handing.add(given);
    } else if (qos == 1) {
      Loop to = member.session.loop();
      lending
          .computeIfAbsent(to, absent -> new Parcel(this, to, true, new ArrayList<>()))
          .content()
          .add(given);
    } else {
      removing.add(given);
    }
  }

  private void isDone(long sequence) {
    if (doneCount == done.length) {
      done = Arrays.copyOf(done, doneCount * 2);
    }
    done[doneCount++] = sequence;
  }

  private void submit() {
    lending.values().forEach(parcel -> parcel.to().eventLoop().execute(parcel));
    lending.clear();
    if (doneCount > 0) {
      long[] sequences = Arrays.copyOf(done, doneCount);
      doneCount = 0;
      loop.lane().submit(new Command.AcknowledgeShared(filter, queue, sequences), outcome -> {});
    }
    if (!removing.isEmpty()) {
      List<Outbound.Given> removed = List.copyOf(removing);
      removing.clear();
      long[] sequences = removed.stream().mapToLong(one -> one.entry().sequence()).toArray();
      loop.lane()
          .submit(new Command.TakeShared(filter, queue, sequences), outcome -> onRemoved(removed));
    }
    if (!handing.isEmpty()) {
      List<Outbound.Given> handed = List.copyOf(handing);
      handing.clear();
      List<Command.Handed> entries = new ArrayList<>(handed.size());
      for (Outbound.Given one : handed) {
        entries.add(new Command.Handed(one.entry().sequence(), one.member().session.clientId()));
      }
      loop.lane()
          .submit(
              new Command.HandOut(filter, queue, entries),
              outcome -> {
                if (outcome instanceof Outcome.HandedOut(List<Outcome.Handing> results)) {
                  onHanded(handed, results);
                }
              });
    }
  }

  private void onRemoved(List<Outbound.Given> removed) {
    Map<Loop, Parcel> parcels = new HashMap<>();
    for (Outbound.Given one : removed) {
      out.remove(one.entry().sequence());
      Loop to = one.member().session.loop();
      parcels
          .computeIfAbsent(to, absent -> new Parcel(this, to, false, new ArrayList<>()))
          .content()
          .add(one);
    }
    parcels.values().forEach(parcel -> parcel.to().eventLoop().execute(parcel));
  }

  private void onHanded(List<Outbound.Given> handed, List<Outcome.Handing> results) {
    Map<Loop, List<Subscriber>> taken = new HashMap<>();
    for (int i = 0; i < handed.size(); i++) {
      Outbound.Given one = handed.get(i);
      Subscriber member = one.member();
      switch (results.get(i)) {
        case TAKEN -> {
          out.remove(one.entry().sequence());
          taken.computeIfAbsent(member.session.loop(), absent -> new ArrayList<>()).add(member);
        }
        case NO_ENTRY -> {
          out.remove(one.entry().sequence());
          member.onTheWay--;
        }
        case NO_MEMBER -> {
          member.onTheWay--;
          takeBack(one.entry());
        }
      }
    }
    // The loads of the members show it once their loops were there, behind the wakes of this batch.
    taken.forEach(
        (to, members) ->
            to.eventLoop().execute(() -> tell(() -> members.forEach(one -> one.onTheWay--))));
    wake();
  }

  private void read() {
    if (!behind
        || reading
        || held.size() > HELD_MAX - PAGE_ENTRIES
        || heldBytes > HELD_BYTES_MAX - PAGE_BYTES) {
      return;
    }
    reading = true;
    earliest = Long.MAX_VALUE;
    latest = -1;
    long from = next;
    loop.lane()
        .readShared(
            filter,
            from,
            PAGE_ENTRIES,
            PAGE_BYTES,
            page -> {
              reading = false;
              if (from == next) {
                onPage(page);
              }
              wake();
            });
  }

  private void onPage(List<QueueEntry> page) {
    long bytes = 0;
    for (QueueEntry entry : page) {
      if (!out.contains(entry.sequence())) {
        hold(entry);
      }
      next = entry.sequence() + 1;
      bytes += entry.bytes();
    }
    // What was put into the queue after the page was read may have been offered before it came.
    behind = page.size() == PAGE_ENTRIES || bytes >= PAGE_BYTES || latest >= next;
    if (earliest < next) { // it went in front of what this page begins with
      letGoFrom(earliest);
    }
  }
}
