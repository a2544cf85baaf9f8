package io.relais.broker;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.relais.broker.access.Authentication;
import io.relais.broker.access.LiveBans;
import io.relais.broker.access.LivePolicy;
import io.relais.broker.access.Policy;
import io.relais.broker.listener.Listener;
import io.relais.broker.listener.ListenerCounters;
import io.relais.broker.listener.ListenerSettings;
import io.relais.broker.listener.Sockets;
import io.relais.cluster.Door;
import io.relais.cluster.Standalone;
import io.relais.storage.Command;
import io.relais.storage.StoreLimits;
import io.relais.storage.Users;
import io.relais.storage.table.Tables;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running broker: loops, the door to the state, and listeners. Everything of it is made and
/// connected here.
///
/// Owner: whoever started it closes it.
public final class Broker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
  private static final long GOODBYE_MILLIS = 5_000;

  private final EventLoopGroup acceptor;
  private final EventLoopGroup group;
  private final Door door;
  private final List<Loop> loops;
  private final NodeCounters counters;
  private final List<OpenListener> listeners = new CopyOnWriteArrayList<>();
  private final ListenerCounters listenerCounters = new ListenerCounters();
  private final AtomicInteger connectionCount = new AtomicInteger();
  private volatile Services services; // read once for each connection
  private final SystemTopics system;
  private final Administration administration;
  private final Map<EventLoop, Loop> byEventLoop = new HashMap<>();

  /// Starts everything but the listeners.
  ///
  /// @param tables where the state is kept; closed with the broker
  /// @param diskReserveBytes that are kept free on the disk of the tables
  /// @param authentication made of the users that the state holds
  /// @param failed told if the store fails: the process must not go on
  public Broker(
      BrokerSettings settings,
      Tables tables,
      long diskReserveBytes,
      StoreLimits limits,
      Function<Users, Authentication> authentication,
      Policy policy,
      String version,
      Consumer<Throwable> failed) {
    IoHandlerFactory io = Sockets.ioHandlers();
    acceptor = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("relais-accept"), io);
    group =
        new MultiThreadIoEventLoopGroup(
            settings.loops(), new DefaultThreadFactory("relais-loop"), io);
    var directory = new Directory();
    var dispatchers = new Dispatchers();
    var drops = new Drops();
    var effects = new NodeEffects(directory, dispatchers, drops, InstantSource.system());
    var standalone =
        new Standalone(
            settings.node(),
            tables,
            diskReserveBytes,
            effects,
            List.of(new Command.SetLimits(limits)),
            failed);
    door = standalone;
    var tree = new SubscriptionTree(settings.loops(), settings.sharedPolicy());
    var router = new Router(tree, door.durable(), settings.loops(), settings.ackRules());
    List<Loop> made = new ArrayList<>();
    for (EventExecutor executor : group) {
      made.add(new Loop(made.size(), (EventLoop) executor, door, router, drops, settings));
    }
    loops = List.copyOf(made);
    effects.start(loops, tree);
    counters = new NodeCounters(loops, effects.counters());
    system =
        new SystemTopics(door, directory, loops, counters, settings.sysIntervalSeconds(), version);
    long backlogBytesOfLoopMax = Runtime.getRuntime().maxMemory() / 4 / settings.loops();
    var events = new ClientEvents(settings.events(), loops, drops);
    drops.tell(events::dropped);
    services =
        new Services(
            settings,
            door,
            tree,
            dispatchers,
            directory,
            authentication.apply(door.users()),
            new LivePolicy(policy),
            new LiveBans(),
            new Flapping(settings.flapping(), loops),
            new Rates(settings.rates(), settings.loops(), settings.connectionsMax()),
            events,
            drops,
            new LiveRewrites(),
            system,
            new Watches(),
            loops,
            connectionCount,
            backlogBytesOfLoopMax);
    administration = new Administration(services, this);
    loops.forEach(loop -> loop.start(loops));
    loops.forEach(loop -> byEventLoop.put(loop.eventLoop(), loop));
    dispatchers.start(services);
    standalone.start();
    system.start();
  }

  /// Opens one listener more.
  ///
  /// @param ackLevel of its clients, where no rule says otherwise
  /// @throws IOException naming the address and what is in the way
  public OpenListener listen(ListenerSettings settings, AckLevel ackLevel) throws IOException {
    var listener = new OpenListener(ackLevel);
    listener.opened(
        Listener.bind(
            settings,
            acceptor,
            group,
            channel -> new Connection(services, loopOf(channel.eventLoop()), listener),
            listenerCounters));
    listeners.add(listener);
    return listener;
  }

  /// Closes one listener, and disconnects those who came through it. Returns when its address is
  /// free.
  public void close(OpenListener listener) {
    listener.close();
    listeners.remove(listener);
    for (Loop loop : loops) {
      loop.eventLoop()
          .execute(
              () ->
                  List.copyOf(loop.connections()).stream()
                      .filter(connection -> connection.via() == listener)
                      .forEach(Connection::onListenerClosed));
    }
  }

  /// Goes by other settings from now on. What a client was told when it connected holds for it
  /// until it connects again; the node's name and the number of loops stay.
  public void change(BrokerSettings wanted) {
    Services before = services;
    BrokerSettings settings = wanted.runningAs(before.settings());
    services = before.with(settings);
    before.flapping().change(settings.flapping());
    before.events().turn(settings.events());
    system.each(settings.sysIntervalSeconds());
  }

  private Loop loopOf(EventLoop eventLoop) {
    Loop loop = byEventLoop.get(eventLoop);
    if (loop == null) {
      throw new IllegalStateException("A channel came on an event loop that is none of ours");
    }
    return loop;
  }

  /// For operators.
  public Administration administration() {
    return administration;
  }

  /// A count of the whole node.
  public long count(Counter counter) {
    return counters.sum(counter);
  }

  long droppedMessages() {
    return counters.drops();
  }

  public int connections() {
    return connectionCount.get();
  }

  public ListenerCounters listenerCounters() {
    return listenerCounters;
  }

  /// Says goodbye to all clients, applies what they left behind, and ends. Clients that do not go
  /// within five seconds are cut off.
  @Override
  public void close() {
    listeners.forEach(one -> one.listener().stopAccepting());
    for (Loop loop : loops) {
      loop.eventLoop().execute(() -> List.copyOf(loop.connections()).forEach(Connection::shutDown));
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
    try {
      while (connectionCount.get() > 0 && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      if (connectionCount.get() > 0) {
        LOG.info("{} clients did not close in time", connectionCount.get());
      }
      listeners.forEach(OpenListener::close);
      door.close();
      administration.close();
      if (group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS)) {
        loops.forEach(Loop::close);
      }
      acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
