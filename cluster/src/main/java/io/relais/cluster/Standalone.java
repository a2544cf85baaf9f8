package io.relais.cluster;

import io.relais.storage.Command;
import io.relais.storage.DurableSubscriptions;
import io.relais.storage.Effects;
import io.relais.storage.HeapStore;
import io.relais.storage.HeapStore.RetainedPage;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.StateSizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The door of a single node: no log, one thread that applies what the lanes submit, in batches.
/// All that gathered while a batch was applied makes the next one; its outcomes go back with one
/// task for each loop.
///
/// Owner: `store` and `batch` belong to the applier's thread; lanes to their loops; `arrived` is
/// shared. Limits: [#CONGESTED_AT] requests wait before lanes say that they are congested.
public final class Standalone implements Door {
  private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
  private static final int CONGESTED_AT = 50_000;
  private static final int FIRED_AT_ONCE_MAX = 1_000;
  private static final long IDLE_NANOS_MAX = 100_000_000;

  /// One thing that a lane asks for, with the place for its answer.
  private abstract static sealed class Request {
    final WaitingLane lane;

    Request(WaitingLane lane) {
      this.lane = lane;
    }

    /// On the applier's thread.
    abstract void apply(HeapStore store, long logTimeMillis);

    /// On the loop.
    abstract void answer();
  }

  private static final class Submission extends Request {
    final Command command;
    final Consumer<Outcome> listener;
    Outcome outcome = Outcome.DONE;

    Submission(WaitingLane lane, Command command, Consumer<Outcome> listener) {
      super(lane);
      this.command = command;
      this.listener = listener;
    }

    @Override
    void apply(HeapStore store, long logTimeMillis) {
      outcome = store.apply(command, logTimeMillis);
    }

    @Override
    void answer() {
      listener.accept(outcome);
    }
  }

  private static final class QueueRead extends Request {
    final String clientId;
    final long from;
    final int entriesMax;
    final long bytesMax;
    final Consumer<List<QueueEntry>> listener;
    List<QueueEntry> page = List.of();

    QueueRead(
        WaitingLane lane,
        String clientId,
        long from,
        int entriesMax,
        long bytesMax,
        Consumer<List<QueueEntry>> listener) {
      super(lane);
      this.clientId = clientId;
      this.from = from;
      this.entriesMax = entriesMax;
      this.bytesMax = bytesMax;
      this.listener = listener;
    }

    @Override
    void apply(HeapStore store, long logTimeMillis) {
      page = store.readQueue(clientId, from, entriesMax, bytesMax);
    }

    @Override
    void answer() {
      listener.accept(page);
    }
  }

  private static final class RetainedRead extends Request {
    final String filter;
    final @Nullable String after;
    final int limit;
    final Consumer<RetainedPage> listener;
    RetainedPage page = new RetainedPage(List.of(), null);

    RetainedRead(
        WaitingLane lane,
        String filter,
        @Nullable String after,
        int limit,
        Consumer<RetainedPage> listener) {
      super(lane);
      this.filter = filter;
      this.after = after;
      this.limit = limit;
      this.listener = listener;
    }

    @Override
    void apply(HeapStore store, long logTimeMillis) {
      page = store.readRetained(filter, after, limit);
    }

    @Override
    void answer() {
      listener.accept(page);
    }
  }

  /// A lane: requests of this turn, and answers of the batch being applied.
  private final class WaitingLane implements Lane {
    private final Executor loop;
    private List<Request> gathered = new ArrayList<>(); // the loop's
    private @Nullable List<Request> answers; // the applier's

    WaitingLane(Executor loop) {
      this.loop = loop;
    }

    @Override
    public void submit(Command command, Consumer<Outcome> outcome) {
      gathered.add(new Submission(this, command, outcome));
    }

    @Override
    public void readQueue(
        String clientId,
        long fromSequence,
        int entriesMax,
        long bytesMax,
        Consumer<List<QueueEntry>> page) {
      gathered.add(new QueueRead(this, clientId, fromSequence, entriesMax, bytesMax, page));
    }

    @Override
    public void readRetained(
        String filter, @Nullable String after, int limit, Consumer<RetainedPage> page) {
      gathered.add(new RetainedRead(this, filter, after, limit, page));
    }

    @Override
    public void flush() {
      if (gathered.isEmpty()) {
        return;
      }
      List<Request> batch = gathered;
      gathered = new ArrayList<>();
      waiting.addAndGet(batch.size());
      arrived.add(batch);
      LockSupport.unpark(applier);
    }

    @Override
    public boolean isCongested() {
      return waiting.get() > CONGESTED_AT;
    }
  }

  private final String node;
  private final long incarnation;
  private final HeapStore store;
  private final Effects effects;
  private final Thread applier;
  private final ConcurrentLinkedQueue<List<Request>> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private volatile boolean closing;

  /// @param effects called on the applier's thread
  /// @param first applied before anything else, for example the limits
  /// @param failed told when the applier ends by an error; the node must not go on
  public Standalone(String node, Effects effects, List<Command> first, Consumer<Throwable> failed) {
    this.node = node;
    this.incarnation = 1;
    this.effects = effects;
    this.store = new HeapStore(effects);
    store.apply(new Command.NodeUp(node, incarnation), logTimeMillis());
    first.forEach(command -> store.apply(command, logTimeMillis()));
    this.applier =
        Thread.ofPlatform()
            .name("relais-applier")
            .unstarted(
                () -> {
                  try {
                    run();
                  } catch (RuntimeException | Error e) {
                    LOG.error("The applier failed; nothing is acknowledged any more", e);
                    failed.accept(e);
                  }
                });
    applier.start();
  }

  private void run() {
    var batch = new ArrayDeque<Request>();
    var lanes = new ArrayList<WaitingLane>();
    while (true) {
      boolean last = closing;
      for (List<Request> some; (some = arrived.poll()) != null; ) {
        batch.addAll(some);
      }
      long now = logTimeMillis();
      boolean idle = batch.isEmpty() && store.nextDueMillis() > now;
      if (idle) {
        if (last) {
          return;
        }
        long untilDue = store.nextDueMillis() - now;
        LockSupport.parkNanos(
            this, untilDue > 100 ? IDLE_NANOS_MAX : Math.max(1, untilDue) * 1_000_000);
        continue;
      }
      apply(batch, lanes, now);
    }
  }

  private void apply(ArrayDeque<Request> batch, List<WaitingLane> lanes, long now) {
    for (Command.Due due : store.due(now, FIRED_AT_ONCE_MAX)) {
      store.apply(new Command.Fire(due), now);
    }
    int applied = batch.size();
    for (Request request; (request = batch.poll()) != null; ) {
      request.apply(store, now);
      if (request.lane.answers == null) {
        request.lane.answers = new ArrayList<>();
        lanes.add(request.lane);
      }
      request.lane.answers.add(request);
    }
    store.publishSizes();
    // Before the answers: whoever reads an ack and publishes again finds these ahead of it.
    effects.flush();
    waiting.addAndGet(-applied);
    for (WaitingLane lane : lanes) {
      List<Request> answers = lane.answers == null ? List.of() : lane.answers;
      lane.answers = null;
      try {
        lane.loop.execute(() -> answers.forEach(Request::answer));
      } catch (RejectedExecutionException e) {
        LOG.debug("A loop ended before {} answers reached it", answers.size());
      }
    }
    lanes.clear();
  }

  @Override
  public Lane lane(Executor loop) {
    return new WaitingLane(loop);
  }

  @Override
  public boolean hasSession(String clientId) {
    return store.hasSession(clientId);
  }

  @Override
  public DurableSubscriptions durable() {
    return store.durable();
  }

  @Override
  public StateSizes sizes() {
    return store.sizes();
  }

  @Override
  public long logTimeMillis() {
    return startMillis + (System.nanoTime() - startNanos) / 1_000_000;
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(applier);
    try {
      applier.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
