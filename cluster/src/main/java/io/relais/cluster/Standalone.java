package io.relais.cluster;

import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.Documents;
import io.relais.storage.DropReason;
import io.relais.storage.DurableSubscriptions;
import io.relais.storage.Effects;
import io.relais.storage.KeptState;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.State;
import io.relais.storage.State.RetainedPage;
import io.relais.storage.StateSizes;
import io.relais.storage.Users;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The door of a single node: nothing is replicated, and one thread, the applier, takes what the
/// lanes submit in the order in which it arrived, in batches. All that gathered while a batch was
/// applied makes the next one; its effects are written and synced at once, and then its outcomes go
/// back with one task for each loop.
///
/// Owner: `state` and `batch` belong to the applier's thread; lanes to their loops; `arrived` is
/// shared. Limits: [#CONGESTED_AT] requests or [#CONGESTED_BYTES] wait before lanes say that they
/// are congested.
public final class Standalone implements Door {
  private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
  private static final int CONGESTED_AT = 50_000;
  private static final long CONGESTED_BYTES = 16 << 20;

  /// From this on a batch takes nothing more: it is held several times over while it is written.
  private static final long BATCH_BYTES = 4 << 20;

  private static final int FIRED_AT_ONCE_MAX = 1_000;
  private static final long IDLE_MILLIS_MAX = 100;

  /// How long what nobody waits for may lie unsynced.
  private static final long UNSYNCED_MILLIS_MAX = 5;

  private static final Outcome DISK_FULL =
      new Outcome.Refused(
          ReasonCode.QUOTA_EXCEEDED,
          DropReason.DISK_FULL,
          "The disk of the broker is nearly full (limits.disk-reserve-bytes)");

  /// One thing that a lane asks for, with the place for its answer.
  private abstract static sealed class Request {
    final WaitingLane lane;

    Request(WaitingLane lane) {
      this.lane = lane;
    }

    /// On the applier's thread, in the batch.
    abstract void apply(State state, long logTimeMillis);

    /// On the applier's thread, when the batch is committed.
    void read(State state) {}

    /// Whether somebody waits until this is on disk.
    abstract boolean isAwaited();

    /// On the loop.
    abstract void answer();

    /// What it holds in memory, roughly; bytes.
    int bytes() {
      return 0;
    }
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
    void apply(State state, long logTimeMillis) {
      outcome = lane.refusal(this);
      if (outcome == Outcome.DONE) {
        outcome = state.apply(command, logTimeMillis);
      }
    }

    /// An acknowledgement that is lost means a message again, with DUP, and its packet id is used
    /// anew only when this is answered: it can wait for the sync of what comes next.
    @Override
    boolean isAwaited() {
      return !(command instanceof Command.Acknowledge
          || command instanceof Command.AcknowledgeShared);
    }

    @Override
    void answer() {
      listener.accept(outcome);
    }

    @Override
    int bytes() {
      return switch (command) {
        case Command.Append append -> append.message().bytes();
        case Command.Delay delay -> delay.message().bytes();
        default -> 0;
      };
    }
  }

  /// What is only read: after the batch, so that it finds all that was submitted before.
  private static final class Read<T> extends Request {
    final Function<? super State, T> question;
    final Consumer<T> listener;
    @Nullable T said;

    Read(WaitingLane lane, Function<? super State, T> question, Consumer<T> listener) {
      super(lane);
      this.question = question;
      this.listener = listener;
    }

    @Override
    void apply(State state, long logTimeMillis) {}

    @Override
    boolean isAwaited() {
      return false;
    }

    @Override
    void read(State state) {
      said = question.apply(state);
    }

    @Override
    void answer() {
      listener.accept(said);
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
      read(state -> state.readQueue(clientId, fromSequence, entriesMax, bytesMax), page);
    }

    @Override
    public void readShared(
        SubscriptionFilter filter,
        long fromSequence,
        int entriesMax,
        long bytesMax,
        Consumer<List<QueueEntry>> page) {
      read(state -> state.readShared(filter, fromSequence, entriesMax, bytesMax), page);
    }

    @Override
    public void readRetained(
        String filter, @Nullable String after, int limit, Consumer<RetainedPage> page) {
      read(state -> state.readRetained(filter, after, limit), page);
    }

    @Override
    public <T> void look(Function<KeptState, T> question, Consumer<T> answer) {
      read(question, answer);
    }

    private <T> void read(Function<? super State, T> question, Consumer<T> answer) {
      gathered.add(new Read<>(this, question, answer));
    }

    @Override
    public void flush() {
      if (gathered.isEmpty()) {
        return;
      }
      List<Request> batch = gathered;
      gathered = new ArrayList<>();
      waiting.addAndGet(batch.size());
      long bytes = 0;
      for (Request request : batch) {
        bytes += request.bytes();
      }
      waitingBytes.addAndGet(bytes);
      arrived.add(batch);
      LockSupport.unpark(applier);
    }

    /// What brings messages is not taken while the disk is nearly full; all else is.
    private Outcome refusal(Submission submission) {
      int bytes = submission.bytes();
      return bytes == 0 || space.takes(bytes) ? Outcome.DONE : DISK_FULL;
    }

    @Override
    public boolean isCongested() {
      return waiting.get() > CONGESTED_AT || waitingBytes.get() > CONGESTED_BYTES;
    }
  }

  private final String node;
  private final long incarnation;
  private final State state;
  private final Tables tables;
  private final Effects effects;
  private final DiskSpace space;
  private final SyncTimes syncs = new SyncTimes();
  private final boolean durable;
  private final Thread applier;
  private final ConcurrentLinkedQueue<List<Request>> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final long startMillis;
  private final long startNanos;
  private volatile boolean closing;

  // The applier's.
  private final List<Request> answers = new ArrayList<>();
  private final List<Request> unsynced = new ArrayList<>(); // to be answered with the next sync
  private final List<WaitingLane> answered = new ArrayList<>();
  private long unsyncedMillis; // since when there are some

  /// Restores what the tables hold, and gives up what earlier runs of this node owned. Nothing is
  /// applied before [#start].
  ///
  /// @param tables closed with this
  /// @param reserveBytes of the disk that are kept free: below, nothing more is taken
  /// @param effects called on the applier's thread, and by this constructor
  /// @param first applied before anything else, for example the limits
  /// @param failed told when the applier ends by an error; the node must not go on
  /// @throws StoreFailure if the tables cannot be read or written
  public Standalone(
      String node,
      Tables tables,
      long reserveBytes,
      Effects effects,
      List<Command> first,
      Consumer<Throwable> failed) {
    this.node = node;
    this.effects = effects;
    this.tables = tables;
    this.durable = tables.isDurable();
    this.space = new DiskSpace(tables, reserveBytes);
    long opening = System.nanoTime();
    this.state = State.open(tables, effects, restored -> LOG.info("Restored {} so far", restored));
    this.startMillis = startMillis(state, System.currentTimeMillis());
    this.startNanos = System.nanoTime(); // not earlier: a restore takes time
    this.incarnation = state.incarnation(node) + 1;
    apply(new Command.NodeUp(node, incarnation));
    first.forEach(this::apply);
    state.commit(System.currentTimeMillis());
    disownOlder();
    StateSizes restored = state.sizes();
    if (restored.sessions() > 0 || restored.retainedMessages() > 0) {
      LOG.info(
          "Restored {} sessions with {} subscriptions and {} messages, {} retained ones and {}"
              + " delayed ones in {} ms",
          restored.sessions(),
          restored.subscriptions(),
          restored.queuedMessages(),
          restored.retainedMessages(),
          restored.delayedMessages(),
          (System.nanoTime() - opening) / 1_000_000);
    }
    this.applier =
        Thread.ofPlatform()
            .name("relais-applier")
            .unstarted(
                () -> {
                  try {
                    run();
                  } catch (StoreFailure e) {
                    failed.accept(e);
                  } catch (RuntimeException | Error e) {
                    LOG.error("The applier failed", e);
                    failed.accept(e);
                  }
                });
  }

  /// Begins to apply what is submitted.
  public void start() {
    applier.start();
  }

  /// Log time goes on where it stood, by what the wall clock says has passed since; never back.
  private static long startMillis(State state, long wallMillis) {
    return state.wallMillis() == 0
        ? wallMillis
        : state.logTimeMillis() + Math.max(0, wallMillis - state.wallMillis());
  }

  private void apply(Command command) {
    state.apply(command, logTimeMillis());
  }

  private void disownOlder() {
    int ended = 0;
    List<String> some = state.ownedBefore(node, incarnation);
    while (!some.isEmpty()) {
      apply(new Command.Disown(node, incarnation, some));
      state.commit(System.currentTimeMillis());
      ended += some.size();
      some = state.ownedBefore(node, incarnation);
    }
    if (ended > 0) {
      LOG.info("{} clients were connected when this node last ended", ended);
    }
  }

  private void run() {
    var batch = new ArrayDeque<Request>();
    while (true) {
      boolean last = closing;
      gather(batch);
      long now = logTimeMillis();
      space.look(now);
      boolean idle = batch.isEmpty() && state.nextDueMillis() > now && !state.hasGarbage();
      if (!idle) {
        apply(batch, now);
      } else if (!unsynced.isEmpty() && (last || now - unsyncedMillis >= UNSYNCED_MILLIS_MAX)) {
        commit();
        answer(unsynced);
      } else if (last) {
        return;
      } else {
        LockSupport.parkNanos(this, idleNanos(now));
      }
    }
  }

  private void commit() {
    syncs.begin();
    state.commit(System.currentTimeMillis());
    syncs.end();
  }

  private void gather(ArrayDeque<Request> batch) {
    long bytes = 0;
    while (bytes < BATCH_BYTES) {
      List<Request> some = arrived.poll();
      if (some == null) {
        return;
      }
      batch.addAll(some);
      for (Request request : some) {
        bytes += request.bytes();
      }
    }
  }

  private long idleNanos(long now) {
    long millis = Math.min(IDLE_MILLIS_MAX, Math.max(1, state.nextDueMillis() - now));
    return TimeUnit.MILLISECONDS.toNanos(unsynced.isEmpty() ? millis : 1);
  }

  private void apply(ArrayDeque<Request> batch, long now) {
    long before = state.position();
    boolean awaited = false;
    if (state.hasGarbage()) {
      state.apply(new Command.Sweep(), now);
    }
    for (Command.Due due : state.due(now, FIRED_AT_ONCE_MAX)) {
      state.apply(new Command.Fire(due), now);
      awaited = true;
    }
    for (Request request : batch) {
      request.apply(state, now);
      awaited |= request.isAwaited();
    }
    if (awaited || !unsynced.isEmpty() && now - unsyncedMillis >= UNSYNCED_MILLIS_MAX) {
      commit();
      answer(unsynced);
    } else if (state.position() != before) {
      state.commitLater(System.currentTimeMillis());
      unsyncedMillis = unsynced.isEmpty() ? now : unsyncedMillis;
    }
    int applied = batch.size();
    long bytes = 0;
    for (Request request; (request = batch.poll()) != null; ) {
      bytes += request.bytes();
      request.read(state);
      (awaited || request instanceof Read<?> ? answers : unsynced).add(request);
    }
    // Before the answers: whoever reads an ack and publishes again finds these ahead of it.
    effects.flush();
    waiting.addAndGet(-applied);
    waitingBytes.addAndGet(-bytes);
    answer(answers);
  }

  /// Hands requests back to their loops, in order, one task for each.
  private void answer(List<Request> all) {
    for (Request request : all) {
      if (request.lane.answers == null) {
        request.lane.answers = new ArrayList<>();
        answered.add(request.lane);
      }
      request.lane.answers.add(request);
    }
    all.clear();
    for (WaitingLane lane : answered) {
      List<Request> ofLane = lane.answers == null ? List.of() : lane.answers;
      lane.answers = null;
      try {
        lane.loop.execute(() -> ofLane.forEach(Request::answer));
      } catch (RejectedExecutionException e) {
        LOG.debug("A loop ended before {} answers reached it", ofLane.size());
      }
    }
    answered.clear();
  }

  @Override
  public Lane lane(Executor loop) {
    return new WaitingLane(loop);
  }

  @Override
  public boolean hasSession(String clientId) {
    return state.hasSession(clientId);
  }

  @Override
  public DurableSubscriptions durable() {
    return state.durable();
  }

  @Override
  public boolean isDurable() {
    return durable;
  }

  @Override
  public void checkpoint(Path into) {
    tables.checkpoint(into);
  }

  @Override
  public boolean isDiskFull() {
    return space.isFull();
  }

  @Override
  public Users users() {
    return state.users();
  }

  @Override
  public Documents documents() {
    return state.documents();
  }

  @Override
  public Set<String> clientIds() {
    return state.clientIds();
  }

  @Override
  public StateSizes sizes() {
    return state.sizes();
  }

  @Override
  public SyncTimes syncs() {
    return syncs;
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
    state.close();
  }
}
