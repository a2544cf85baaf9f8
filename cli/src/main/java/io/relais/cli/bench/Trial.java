package io.relais.cli.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/// One run of a scenario, from the first connection to the report.
///
/// Owner: the main thread, but for [#stop]. Clients are touched on their loops only.
final class Trial {
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long POLL_MILLIS = 2;
  private static final long HEAD_START_NANOS = 50_000_000;
  private static final long CONNECT_SLACK_NANOS = 45 * SECOND_NANOS;
  private static final long OVERRUN_NANOS = 30 * SECOND_NANOS;

  /// With nothing arriving for so long, what is missing is lost.
  private static final long QUIET_NANOS = 3 * SECOND_NANOS;

  private static final long DRAIN_NANOS_MAX = 600 * SECOND_NANOS;

  /// After a signal.
  private static final long HASTY_DRAIN_NANOS = SECOND_NANOS;

  /// A message that comes twice mostly does so at once.
  private static final long LINGER_NANOS = 100_000_000;

  private static final long CLOSE_NANOS = 10 * SECOND_NANOS;

  private final Plan plan;
  private final Schedule schedule;
  private final Progress progress;
  private final Tally tally = new Tally();
  private final WallNanos clock = new WallNanos();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final EventLoopGroup group;
  private final List<Loop> loops = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final List<Visitor> visitors = new ArrayList<>();
  private final Histogram latency = Times.empty();
  private final Histogram acknowledgement = Times.empty();
  private final Histogram connect = Times.empty();
  private final Histogram delay = Times.empty();
  private final Histogram interval = Times.empty();
  private long shownNanos = System.nanoTime();
  private long copies;
  private long measuredFromNanos;
  private long measuredToNanos;
  private long drainNanos = -1;

  Trial(Plan plan, Progress progress) {
    this.plan = plan;
    this.progress = progress;
    schedule = plan.schedule();
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        work -> {
          Thread thread = new Thread(work, "relais-bench-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        };
    group = new MultiThreadIoEventLoopGroup(plan.loops(), threads, Transport.ioHandlers());
    for (int i = 0; i < plan.loops(); i++) {
      loops.add(new Loop(i, group.next(), clock, tally));
    }
  }

  /// Ends the run early, from any thread; its report is made all the same.
  void stop() {
    stop.countDown();
    loops.forEach(Loop::stop);
  }

  Report run() throws InterruptedException {
    try {
      switch (plan.scenario()) {
        case PUB, SUB, P2P, FAN_IN, FAN_OUT, SHARED -> messages();
        case CONNECT -> connections();
        case LOGIN, TAKEOVER -> visits();
        case OFFLINE -> offline();
      }
      return report();
    } finally {
      leave();
      progress.close();
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
    }
  }

  private void messages() throws InterruptedException {
    makeSubscribers();
    makePublishers();
    connectSubscribers();
    connectPublishers();
    copies =
        switch (plan.scenario()) {
          case FAN_IN, FAN_OUT -> plan.subscribers();
          case P2P, SHARED -> 1;
          default -> 0;
        };
    if (tally.ready.sum() == 0) {
      return; // nobody is there who could do anything
    }
    if (plan.scenario() == Scenario.SUB) {
      listen();
    } else {
      publish();
      drain();
    }
  }

  private void makeSubscribers() {
    boolean ofGroup = plan.scenario() == Scenario.SHARED;
    Account shared = Account.of(0, Math.max(1, plan.publishers()), schedule);
    for (int i = 0; i < plan.subscribers(); i++) {
      Account account =
          switch (plan.scenario()) {
            case SUB -> Account.open();
            case SHARED -> shared;
            case P2P, OFFLINE -> Account.of(i, 1, schedule);
            default -> Account.of(0, plan.publishers(), schedule);
          };
      // All members of a group are on one loop, which owns their account.
      Loop loop = ofGroup ? loops.getFirst() : loopOf(i);
      subscribers.add(new Subscriber(plan, loop, i, account, ofGroup));
    }
  }

  private void makePublishers() {
    byte[] filler = new byte[plan.sizeBytes() - Stamp.BYTES];
    Arrays.fill(filler, (byte) '.');
    for (int i = 0; i < plan.publishers(); i++) {
      publishers.add(new Publisher(plan, schedule, loopOf(i), i, filler));
    }
  }

  private Loop loopOf(int client) {
    return loops.get(client % loops.size());
  }

  private void connectSubscribers() throws InterruptedException {
    each(subscribers.size(), (i, due) -> onLoop(subscribers.get(i), s -> s.onOpen(due)));
  }

  private void connectPublishers() throws InterruptedException {
    each(publishers.size(), (i, due) -> publishers.get(i).connection().open(due));
  }

  private void onLoop(Subscriber subscriber, Consumer<Subscriber> work) {
    subscriber.loop().submit(() -> work.accept(subscriber));
  }

  /// Starts something with each of so many clients, at the rate of connections.
  private interface Start {
    void of(int client, long dueNanos);
  }

  /// Waits until each of them is ready or has failed.
  private void each(int clients, Start start) throws InterruptedException {
    if (clients == 0) {
      return;
    }
    long before = settledClients();
    Schedule once = Schedule.once(plan.connectRate(), clients);
    long startNanos = clock.getAsLong();
    for (Loop loop : loops) {
      Pace pace = new Pace(once, loop.number(), loops.size());
      Pace.Sink sink = (i, _, due) -> start.of(i, startNanos + due);
      loop.submit(() -> loop.onDrive(pace, sink, startNanos, () -> {}));
    }
    await(() -> settledClients() - before >= clients, once.lengthNanos() + CONNECT_SLACK_NANOS);
  }

  private long settledClients() {
    return tally.ready.sum()
        + tally.connectionsFailed.sum()
        + tally.connectionsLost.sum()
        + tally.subscriptionsFailed.sum();
  }

  /// Follows the schedule of messages.
  private void publish() throws InterruptedException {
    long startNanos = clock.getAsLong() + HEAD_START_NANOS;
    for (int i = 0; i < publishers.size(); i++) {
      Publisher publisher = publishers.get(i);
      loopOf(i).submit(() -> publisher.onStart(startNanos));
    }
    follow(startNanos, (i, sequence) -> publishers.get(i).onDue(sequence));
  }

  private interface Due {
    void on(int participant, long sequence);
  }

  private void follow(long startNanos, Due due) throws InterruptedException {
    measuredFromNanos = startNanos + schedule.dueNanos(schedule.warmUp());
    CountDownLatch running = new CountDownLatch(loops.size());
    for (Loop loop : loops) {
      Pace pace = new Pace(schedule, loop.number(), loops.size());
      Pace.Sink sink =
          (participant, sequence, dueNanos) -> {
            if (schedule.index(participant, sequence) >= schedule.warmUp()) {
              loop.delay.record(loop.now() - startNanos - dueNanos);
            }
            due.on(participant, sequence);
          };
      loop.submit(() -> loop.onDrive(pace, sink, startNanos, running::countDown));
    }
    await(() -> running.getCount() == 0, schedule.lengthNanos() + OVERRUN_NANOS);
    measuredToNanos = clock.getAsLong();
  }

  private void listen() throws InterruptedException {
    measuredFromNanos = clock.getAsLong() + plan.warmUp().toNanos();
    subscribers.forEach(s -> onLoop(s, subscriber -> subscriber.onStart(measuredFromNanos)));
    await(() -> false, plan.warmUp().plus(plan.duration()).toNanos());
    measuredToNanos = clock.getAsLong();
  }

  /// Until all has arrived, or nothing does any more.
  private void drain() throws InterruptedException {
    untilQuiet(
        () ->
            tally.written.sum() >= schedule.total()
                && (plan.qos() == 0 || tally.settled.sum() >= tally.written.sum())
                && tally.received.sum() >= copies * tally.sent.sum());
  }

  private void untilQuiet(BooleanSupplier done) throws InterruptedException {
    boolean hasty = stop.getCount() == 0;
    long end = System.nanoTime() + (hasty ? HASTY_DRAIN_NANOS : DRAIN_NANOS_MAX);
    long activity = tally.activity();
    long since = System.nanoTime();
    while (!done.getAsBoolean() && System.nanoTime() < end) {
      pause();
      if (!hasty && stop.getCount() == 0) {
        hasty = true;
        end = System.nanoTime() + HASTY_DRAIN_NANOS;
      }
      long now = tally.activity();
      if (now != activity) {
        activity = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > QUIET_NANOS) {
        return;
      }
    }
    long lingerEnd = System.nanoTime() + LINGER_NANOS;
    while (System.nanoTime() < lingerEnd) {
      pause();
    }
  }

  private void connections() throws InterruptedException {
    makeVisitors();
    long startNanos = clock.getAsLong() + HEAD_START_NANOS;
    startVisitors(startNanos);
    follow(startNanos, (i, sequence) -> visitors.get(i).onDue(sequence));
    await(() -> settledClients() >= plan.clients(), CONNECT_SLACK_NANOS);
    await(() -> false, plan.duration().toNanos());
  }

  private void makeVisitors() {
    for (int i = 0; i < plan.clients(); i++) {
      visitors.add(new Visitor(plan, schedule, loopOf(i), i));
    }
  }

  private void startVisitors(long startNanos) {
    visitors.forEach(v -> v.loop().submit(() -> v.onStart(startNanos)));
  }

  private void visits() throws InterruptedException {
    makeVisitors();
    long startNanos = clock.getAsLong() + HEAD_START_NANOS;
    startVisitors(startNanos);
    follow(startNanos, (i, sequence) -> visitors.get(i).onDue(sequence));
    untilQuiet(
        () ->
            tally.ready.sum() + tally.connectionsFailed.sum() >= schedule.total()
                && tally.takenOver.sum() >= tally.superseded.sum());
  }

  private void offline() throws InterruptedException {
    makeSubscribers();
    makePublishers();
    connectSubscribers();
    long connected = tally.connected.sum();
    subscribers.forEach(s -> onLoop(s, Subscriber::onLeave));
    await(() -> tally.closed.sum() >= connected, CLOSE_NANOS);
    connectPublishers();
    publish();
    drain();
    if (stop.getCount() > 0) {
      copies = 1;
      long backNanos = clock.getAsLong();
      each(subscribers.size(), (i, due) -> onLoop(subscribers.get(i), s -> s.onReturn(due)));
      drain();
      drainNanos = Math.max(0, lastMessageNanos() - backNanos);
    }
  }

  private long lastMessageNanos() throws InterruptedException {
    long last = 0;
    for (Loop loop : loops) {
      last = Math.max(last, ask(loop, loop::lastMessageNanos));
    }
    return last;
  }

  private void await(BooleanSupplier done, long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (!done.getAsBoolean() && System.nanoTime() < end && stop.getCount() > 0) {
      pause();
    }
  }

  /// A moment, in which the line on the terminal may be due.
  private void pause() throws InterruptedException {
    if (stop.getCount() > 0) {
      stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    long now = System.nanoTime();
    if (now - shownNanos >= SECOND_NANOS) {
      interval.reset();
      for (Loop loop : loops) {
        (plan.scenario().paysForConnections() ? loop.connect : loop.latency).drainTo(interval);
      }
      (plan.scenario().paysForConnections() ? connect : latency).add(interval);
      progress.show(
          tally,
          (now - shownNanos) / 1e9,
          interval,
          copies * tally.sent.sum() - tally.received.sum());
      shownNanos = now;
    }
  }

  private Report report() throws InterruptedException {
    for (Loop loop : loops) {
      loop.latency.drainTo(latency);
      loop.acknowledgement.drainTo(acknowledgement);
      loop.connect.drainTo(connect);
      loop.delay.drainTo(delay);
    }
    long[] sent = new long[Math.max(1, plan.publishers())];
    for (int i = 0; i < publishers.size(); i++) {
      sent[i] = ask(loopOf(i), publishers.get(i)::sentMeasured);
    }
    long expected = 0;
    long distinct = 0;
    boolean groupCounted = false;
    for (Subscriber subscriber : subscribers) {
      boolean ofGroup = plan.scenario() == Scenario.SHARED;
      if (ask(subscriber.loop(), subscriber::isSubscribed) && !(ofGroup && groupCounted)) {
        groupCounted = true;
        expected += ask(subscriber.loop(), () -> subscriber.account().expected(sent));
        distinct += ask(subscriber.loop(), () -> subscriber.account().distinct());
      }
    }
    long lost = Math.max(0, expected - distinct);
    long missing = plan.qos() == 0 ? 0 : tally.sent.sum() - tally.acknowledged.sum();
    long unacknowledged = Math.max(0, missing - tally.refused.sum());
    long leftOpen = Math.max(0, tally.superseded.sum() - tally.takenOver.sum());
    long connectionsMissing =
        tally.connectionsFailed.sum()
            + tally.connectionsLost.sum()
            + tally.subscriptionsFailed.sum()
            + leftOpen;
    double sentSeconds = Math.max(1e-9, (measuredToNanos - measuredFromNanos) / 1e9);
    double receivedSeconds =
        Math.max(
            1e-9,
            drainNanos > 0
                ? drainNanos / 1e9
                : (Math.max(lastMessageNanos(), measuredToNanos) - measuredFromNanos) / 1e9);
    return new Report(
        plan.scenario().label(),
        plan.host() + ":" + plan.address().getPort(),
        plan.version().label(),
        plan.qos(),
        plan.sizeBytes(),
        plan.rate(),
        plan.publishers(),
        plan.subscribers(),
        plan.clients(),
        Math.max(0, (measuredToNanos - measuredFromNanos) / 1_000_000),
        stop.getCount() == 0,
        Report.passes(
            plan.qos(),
            connectionsMissing,
            lost,
            unacknowledged + tally.refused.sum(),
            tally.duplicates.sum()),
        delay.getTotalCount() == 0 || delay.getValueAtPercentile(99) <= Report.DELAY_NANOS_MAX,
        plan.scenario() == Scenario.SUB ? 0 : schedule.measured(),
        tally.sent.sum(),
        tally.acknowledged.sum(),
        unacknowledged,
        tally.refused.sum(),
        tally.heldBack.sum(),
        expected,
        tally.received.sum(),
        lost,
        tally.duplicates.sum(),
        tally.reordered.sum(),
        tally.foreign.sum(),
        Math.round(tally.sent.sum() / sentSeconds * 10) / 10.0,
        Math.round(tally.received.sum() / receivedSeconds * 10) / 10.0,
        tally.visits.sum(),
        tally.connected.sum(),
        tally.connectionsFailed.sum(),
        tally.connectionsLost.sum(),
        tally.takenOver.sum(),
        leftOpen,
        tally.subscriptionsFailed.sum(),
        drainNanos < 0 ? null : drainNanos / 1_000_000,
        Report.Durations.of(latency),
        Report.Durations.of(acknowledgement),
        Report.Durations.of(connect),
        Report.Durations.of(delay),
        tally.errors());
  }

  private static <T> T ask(Loop loop, Callable<T> question) throws InterruptedException {
    try {
      return loop.events().submit(question).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a loop could not answer", e.getCause());
    }
  }

  /// Closes all, and ends sessions that would be kept.
  private void leave() throws InterruptedException {
    for (int i = 0; i < publishers.size(); i++) {
      loopOf(i).submit(publishers.get(i).connection()::leave);
    }
    subscribers.forEach(s -> onLoop(s, Subscriber::onLeave));
    visitors.forEach(v -> v.loop().submit(v::onEnd));
    closeAll();
    if (plan.scenario() == Scenario.OFFLINE && stop.getCount() > 0) {
      each(
          subscribers.size(),
          (i, _) -> onLoop(subscribers.get(i), s -> s.onEndOfSession(Connection.NOT_TIMED)));
      closeAll();
    }
  }

  private void closeAll() throws InterruptedException {
    long end = System.nanoTime() + CLOSE_NANOS;
    while (tally.connected.sum() > tally.closed.sum() && System.nanoTime() < end) {
      pause();
    }
  }
}
