package io.relais.broker;

import io.relais.protocol.PublishView;
import io.relais.storage.Message;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The way of messages from one loop to another: what is published during a turn gathers in a batch
/// that leaves as one task. Small messages travel as the bytes that came, large ones as objects
/// that all loops share.
///
/// Owner: the source loop gathers; the target loop delivers a batch that it was handed. Limits:
/// above [#FULL_BYTES] on their way the source reads its publishers no further.
final class HandOff {
  static final long FULL_BYTES = 16 << 20;
  private static final int COPIED_MAX = 4096;

  /// A message that is followed.
  private record Followed(Message message, Story story) {}

  /// One turn's messages from one loop to another.
  private final class Batch implements Runnable {
    byte[] bytes = new byte[16 * 1024];
    int used;
    int count;
    long charged;
    @Nullable Object[] what = new Object[16]; // a Message, Followed, or null where bytes stand
    Route[] routes = new Route[16];
    @Nullable Subscriber[] members = new Subscriber[16]; // chosen by a shared group
    @Nullable String[] publishers = new String[16];
    int[] ends = new int[16];
    byte[] flags = new byte[16];
    long[] expiries = new long[16];

    void grow() {
      int more = count * 2;
      what = Arrays.copyOf(what, more);
      routes = Arrays.copyOf(routes, more);
      members = Arrays.copyOf(members, more);
      publishers = Arrays.copyOf(publishers, more);
      ends = Arrays.copyOf(ends, more);
      flags = Arrays.copyOf(flags, more);
      expiries = Arrays.copyOf(expiries, more);
    }

    /// On the target loop.
    @Override
    public void run() {
      to.updateTime();
      int start = 0;
      for (int i = 0; i < count; i++) {
        boolean kept = (flags[i] & KEPT) != 0;
        Delivery delivery = to.delivery();
        Object one = what[i];
        if (one instanceof Message message) {
          delivery.begin(message, to.nowMillis(), kept);
        } else if (one instanceof Followed(Message message, Story story)) {
          delivery.begin(message, to.nowMillis(), kept);
          delivery.follow(story);
        } else {
          boolean v5 = (flags[i] & V5) != 0;
          PublishView view = to.frame(bytes, start, ends[i], v5);
          delivery.begin(view, routes[i], publishers[i], expiries[i], to.nowMillis(), kept);
          start = ends[i];
        }
        Subscriber member = members[i];
        if (member == null) {
          to.deliver(routes[i], delivery);
        } else {
          to.deliverTo(member, delivery);
        }
        delivery.end();
      }
      onTheWay.addAndGet(-charged);
      Arrays.fill(what, 0, count, null);
      Arrays.fill(members, 0, count, null);
      used = 0;
      count = 0;
      charged = 0;
      if (bytes.length > FULL_BYTES / 4) {
        bytes = new byte[16 * 1024];
      }
      spare.set(this);
      if (from.waitsForRelief()) {
        from.eventLoop().execute(from::relieve);
      }
    }
  }

  private static final byte KEPT = 1;
  private static final byte V5 = 2;

  private final Loop from;
  private final Loop to;
  private final AtomicReference<@Nullable Batch> spare = new AtomicReference<>();
  private final AtomicLong onTheWay = new AtomicLong();
  private @Nullable Batch gathering;

  HandOff(Loop from, Loop to) {
    this.from = from;
    this.to = to;
  }

  boolean isFull() {
    return onTheWay.get() > FULL_BYTES;
  }

  /// On the source loop.
  ///
  /// @param view null: the delivery is of a message object
  /// @param member one that a shared group chose, or null for all of the route on the target loop
  void add(
      @Nullable PublishView view, Delivery delivery, Route route, @Nullable Subscriber member) {
    Batch batch = gathering;
    if (batch == null) {
      batch = spare.getAndSet(null);
      if (batch == null) {
        batch = new Batch();
      }
      gathering = batch;
      from.arm();
    }
    if (batch.count == batch.ends.length) {
      batch.grow();
    }
    int i = batch.count++;
    batch.routes[i] = route;
    batch.members[i] = member;
    batch.flags[i] = delivery.isKept() ? KEPT : 0;
    int length = view == null ? 0 : view.end() - view.start();
    Story story = delivery.story();
    if (view == null || length > COPIED_MAX || view.topicAlias() != 0 || story != null) {
      Message message = delivery.message();
      batch.what[i] = story == null ? message : new Followed(message, story);
      batch.charged += message.bytes();
      return;
    }
    if (batch.used + length > batch.bytes.length) {
      batch.bytes =
          Arrays.copyOf(batch.bytes, Math.max(batch.bytes.length * 2, batch.used + length));
    }
    System.arraycopy(view.array(), view.start(), batch.bytes, batch.used, length);
    batch.used += length;
    batch.charged += length;
    batch.ends[i] = batch.used;
    batch.publishers[i] = delivery.publisher();
    batch.expiries[i] = delivery.expiresAtMillis();
    if (view.version().isV5()) {
      batch.flags[i] |= V5;
    }
  }

  /// At the end of the source loop's turn.
  void flush() {
    Batch batch = gathering;
    if (batch != null) {
      gathering = null;
      onTheWay.addAndGet(batch.charged);
      to.eventLoop().execute(batch);
    }
  }
}
