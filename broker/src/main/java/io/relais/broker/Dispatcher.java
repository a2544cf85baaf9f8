package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Hands out what waits in the queue of one shared group: each entry to one connected member that
/// has room for it, by the policy of the group. Alone in doing so, it needs no lock.
///
/// A member with a persistent session gets an entry by a command that moves it into its own queue;
/// one that it did not acknowledge at QoS 1 comes back here when it goes. A transient member is
/// sent the entry from here, which is removed when it is acknowledged; at QoS 2 it is removed
/// before it is sent, so that nothing can double it.
///
/// Owner: its loop, but for [#wake], [#onLoad], [#onOffered], [#onAcknowledged] and [#onReturned],
/// which any thread may call. Limits: a member has [#CREDIT_MAX] entries at most; [#READY_MAX] are
/// held ready, the rest is read in pages.
final class Dispatcher {
  private static final int CREDIT_MAX = 256;
  private static final int READY_MAX = 1_024;
  private static final int PAGE_ENTRIES = 256;
  private static final long PAGE_BYTES = 1 << 20;

  private final Services services;
  private final Loop loop;
  private final SubscriptionFilter filter;
  private final ConcurrentLinkedQueue<Runnable> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();

  /// Something waits and nobody has room.
  private volatile boolean starved;

  private final ArrayDeque<QueueEntry> ready = new ArrayDeque<>();
  private final PriorityQueue<QueueEntry> returned =
      new PriorityQueue<>(Comparator.comparingLong(QueueEntry::sequence));
  private long next; // entries from here on were not taken up yet
  private boolean behind = true; // some of those may be in the store only
  private boolean reading;
  private boolean ended;
  private final List<QueueEntry> handing = new ArrayList<>();
  private final List<Subscriber> takers = new ArrayList<>();
  private long[] acknowledged = new long[16];
  private int acknowledgedCount;

  Dispatcher(Services services, Loop loop, SubscriptionFilter filter) {
    this.services = services;
    this.loop = loop;
    this.filter = filter;
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

  void end() {
    tell(() -> ended = true);
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
          if (acknowledgedCount == acknowledged.length) {
            acknowledged = Arrays.copyOf(acknowledged, acknowledgedCount * 2);
          }
          acknowledged[acknowledgedCount++] = sequence;
        });
  }

  void onReturned(QueueEntry entry) {
    tell(() -> returned.add(entry));
  }

  // ---- on its loop

  private void takeUp(QueueEntry entry) {
    if (entry.sequence() < next) {
      returned.add(entry);
    } else if (!behind) {
      if (ready.size() < READY_MAX) {
        ready.add(entry);
        next = entry.sequence() + 1;
      } else {
        behind = true;
      }
    }
  }

  private void run() {
    woken.set(false);
    for (Runnable what; (what = arrived.poll()) != null; ) {
      what.run();
    }
    if (ended) {
      ready.clear();
      returned.clear();
      return;
    }
    handOut();
    submit();
  }

  private void handOut() {
    while (true) {
      QueueEntry entry = first();
      if (entry == null) {
        read();
        return;
      }
      Subscriber member = memberFor(entry);
      if (member == null) {
        starved = true; // and then a look again, lest one got room in between
        member = memberFor(entry);
        if (member == null) {
          return;
        }
        starved = false;
      }
      if (returned.peek() == entry) {
        returned.remove();
      } else {
        ready.remove();
      }
      give(member, entry);
    }
  }

  private @Nullable QueueEntry first() {
    QueueEntry back = returned.peek();
    return back != null ? back : ready.peek();
  }

  private @Nullable Subscriber memberFor(QueueEntry entry) {
    SharedGroup group = services.tree().group(filter);
    return group == null
        ? null
        : group.choose(entry.message().publisher(), entry.message().topic(), Dispatcher::hasRoom);
  }

  private static boolean hasRoom(Subscriber member) {
    Outbound outbound = member.session.outbound();
    return outbound.load() + member.onTheWay < Math.min(outbound.windowMax(), CREDIT_MAX);
  }

  private void give(Subscriber member, QueueEntry entry) {
    int qos = Math.min(entry.qos(), member.qos);
    member.onTheWay++;
    if (qos > 0 && member.session.isPersistent()) {
      handing.add(entry);
      takers.add(member);
    } else if (qos == 1) {
      member
          .session
          .loop()
          .eventLoop()
          .execute(
              () -> {
                member.session.outbound().offerGiven(new Outbound.Given(this, entry, member));
                tell(() -> member.onTheWay--);
              });
    } else {
      loop.lane()
          .submit(
              new Command.AcknowledgeShared(filter, new long[] {entry.sequence()}),
              outcome -> {
                member.onTheWay--;
                loop.sendTo(entry.message(), member);
              });
    }
  }

  private void submit() {
    if (acknowledgedCount > 0) {
      long[] sequences = Arrays.copyOf(acknowledged, acknowledgedCount);
      acknowledgedCount = 0;
      loop.lane().submit(new Command.AcknowledgeShared(filter, sequences), outcome -> {});
    }
    if (handing.isEmpty()) {
      return;
    }
    List<QueueEntry> entries = List.copyOf(handing);
    List<Subscriber> members = List.copyOf(takers);
    handing.clear();
    takers.clear();
    List<Command.Handed> handed = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      handed.add(new Command.Handed(entries.get(i).sequence(), members.get(i).session.clientId()));
    }
    loop.lane()
        .submit(
            new Command.HandOut(filter, handed),
            outcome -> {
              if (outcome instanceof Outcome.HandedOut(List<Outcome.Handing> results)) {
                onHanded(entries, members, results);
              }
            });
  }

  private void onHanded(
      List<QueueEntry> entries, List<Subscriber> members, List<Outcome.Handing> results) {
    for (int i = 0; i < entries.size(); i++) {
      members.get(i).onTheWay--;
      if (results.get(i) == Outcome.Handing.NO_MEMBER) {
        returned.add(entries.get(i));
      }
    }
    wake();
  }

  private void read() {
    if (!behind || reading) {
      return;
    }
    reading = true;
    loop.lane()
        .readShared(
            filter,
            next,
            PAGE_ENTRIES,
            PAGE_BYTES,
            page -> {
              reading = false;
              long bytes = 0;
              for (QueueEntry entry : page) {
                ready.add(entry);
                next = entry.sequence() + 1;
                bytes += entry.message().bytes();
              }
              behind = page.size() == PAGE_ENTRIES || bytes >= PAGE_BYTES;
              wake();
            });
  }
}
