package io.relais.broker;

import io.relais.broker.access.Authentication;
import io.relais.broker.access.Ban;
import io.relais.broker.access.BanList;
import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.broker.listener.ListenerCounters;
import io.relais.cluster.Lane;
import io.relais.protocol.DelayedTopic;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.Documents;
import io.relais.storage.KeptSession;
import io.relais.storage.KeptState;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.State.RetainedPage;
import io.relais.storage.StateSizes;
import io.relais.storage.StoredSubscription;
import io.relais.storage.Users;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What operators see of a broker and do to it: asked on any thread, answered later, on the thread
/// that all of this shares or on a loop. Whoever continues there must not wait.
///
/// Owner: the broker. Limits: of pages, those that the caller asks for.
public final class Administration implements AutoCloseable {
  /// A message was not taken.
  public static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient ReasonCode reason;

    Refused(ReasonCode reason, String why) {
      super(why);
      this.reason = reason;
    }

    public ReasonCode reason() {
      return reason;
    }
  }

  private final Services services;
  private final Broker broker;
  private final ExecutorService desk =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("relais-desk").factory());
  private final Lane lane;
  private final Insight insight;

  Administration(Services services, Broker broker) {
    this.services = services;
    this.broker = broker;
    this.lane = services.door().lane(this::onDesk);
    this.insight = new Insight(services, this);
  }

  private void onDesk(Runnable task) {
    try {
      desk.execute(task);
    } catch (RejectedExecutionException e) {
      // The broker ends; whoever waits is told by the end of the connection.
      throw new IllegalStateException("The broker ends", e);
    }
  }

  /// What is measured, and looked at.
  public Insight insight() {
    return insight;
  }

  // ---- the state

  /// Applies a command; answered once it is as safe as the store makes it.
  public CompletableFuture<Outcome> submit(Command command) {
    var answer = new CompletableFuture<Outcome>();
    onDesk(
        () -> {
          lane.submit(command, answer::complete);
          lane.flush();
        });
    return answer;
  }

  /// Reads the state as it stands behind all that was submitted before.
  <T> CompletableFuture<T> look(Function<KeptState, T> question) {
    var answer = new CompletableFuture<T>();
    onDesk(
        () -> {
          lane.look(question, answer::complete);
          lane.flush();
        });
    return answer;
  }

  public Users users() {
    return services.door().users();
  }

  public Documents documents() {
    return services.door().documents();
  }

  public StateSizes sizes() {
    return services.door().sizes();
  }

  public boolean isDiskFull() {
    return services.door().isDiskFull();
  }

  public String node() {
    return services.door().node();
  }

  /// Milliseconds; starts as the wall clock and goes by the monotonic one.
  public long logTimeMillis() {
    return services.door().logTimeMillis();
  }

  public int connectedClients() {
    return services.directory().size();
  }

  public long count(Counter counter) {
    return broker.count(counter);
  }

  /// Messages that somebody did not get, for whatever reason.
  public long droppedMessages() {
    return broker.droppedMessages();
  }

  public ListenerCounters listenerCounters() {
    return broker.listenerCounters();
  }

  /// Whether anything is kept on a disk.
  public boolean isDurable() {
    return services.door().isDurable();
  }

  /// Copies everything that is kept; takes as long as the disk does.
  ///
  /// @param into a folder that is not there, in the data folder
  public void checkpoint(Path into) {
    services.door().checkpoint(into);
  }

  // ---- clients

  /// Clients by id.
  ///
  /// @param wanted of an id
  /// @param after the last id of the page before; null: from the first
  public CompletableFuture<Page<ClientState>> clients(
      ClientQuery query, Predicate<String> wanted, @Nullable String after, int limit) {
    Predicate<String> all = id -> wanted.test(id) && query.isMeant(services.directory().get(id));
    List<String> ids = ids(all, after, limit + 1);
    List<String> some = ids.subList(0, Math.min(limit, ids.size()));
    String next = ids.size() > limit ? some.getLast() : null;
    // Who came or went since then is left out; the next page begins behind it all the same.
    return states(some)
        .thenApply(states -> new Page<>(states.stream().filter(query::isMeant).toList(), next));
  }

  /// @return of null if nothing is known of this client
  public CompletableFuture<@Nullable ClientState> client(String clientId) {
    return states(List.of(clientId))
        .thenApply(states -> states.isEmpty() ? null : states.getFirst());
  }

  /// The first ids behind one, sorted.
  List<String> ids(Predicate<String> wanted, @Nullable String after, int most) {
    var first = new PriorityQueue<String>(Comparator.reverseOrder());
    Set<String> kept = services.door().clientIds();
    gather(first, kept, wanted, after, most);
    gather(
        first,
        services.directory().clientIds(),
        id -> !kept.contains(id) && wanted.test(id),
        after,
        most);
    List<String> sorted = new ArrayList<>(new HashSet<>(first));
    sorted.sort(Comparator.naturalOrder());
    return sorted;
  }

  private static void gather(
      PriorityQueue<String> first,
      Collection<String> ids,
      Predicate<String> wanted,
      @Nullable String after,
      int most) {
    for (String id : ids) {
      boolean behind = after == null || id.compareTo(after) > 0;
      String last = first.size() < most ? null : first.peek();
      if (behind && (last == null || id.compareTo(last) < 0) && wanted.test(id)) {
        first.add(id);
        if (first.size() > most) {
          first.poll();
        }
      }
    }
  }

  private CompletableFuture<List<ClientState>> states(List<String> ids) {
    CompletableFuture<Map<String, ClientState>> connected = onLoops(ids, Session::state);
    CompletableFuture<Map<String, KeptSession>> kept = look(state -> kept(state, ids));
    return connected.thenCombine(
        kept,
        (online, stored) -> {
          List<ClientState> states = new ArrayList<>(ids.size());
          for (String id : ids) {
            ClientState live = online.get(id);
            KeptSession session = stored.get(id);
            if (live != null) {
              states.add(session == null ? live : withQueue(live, session));
            } else if (session != null) {
              states.add(away(session));
            }
          }
          return states;
        });
  }

  static Map<String, KeptSession> kept(KeptState state, List<String> ids) {
    Map<String, KeptSession> found = new HashMap<>();
    for (String id : ids) {
      KeptSession session = state.keptSession(id);
      if (session != null) {
        found.put(id, session);
      }
    }
    return found;
  }

  private static ClientState withQueue(ClientState live, KeptSession session) {
    long behind = session.queuedMessages() - (long) live.inFlightMessages();
    return live.withQueued(live.queuedMessages() + Math.max(0, behind));
  }

  private static ClientState away(KeptSession session) {
    return new ClientState(
        session.clientId(),
        null,
        null,
        null,
        null,
        null,
        0,
        0,
        session.persistent(),
        session.expirySeconds(),
        session.subscriptions().size(),
        session.queuedMessages(),
        0);
  }

  /// Asks sessions that are open, each on its loop.
  <T> CompletableFuture<Map<String, T>> onLoops(List<String> ids, Function<Session, T> question) {
    Map<Loop, List<Session>> byLoop = new HashMap<>();
    for (String id : ids) {
      Session session = services.directory().get(id);
      if (session != null) {
        byLoop.computeIfAbsent(session.loop(), absent -> new ArrayList<>()).add(session);
      }
    }
    CompletableFuture<Map<String, T>> all = CompletableFuture.completedFuture(new HashMap<>());
    for (Map.Entry<Loop, List<Session>> one : byLoop.entrySet()) {
      CompletableFuture<Map<String, T>> ofLoop =
          CompletableFuture.supplyAsync(
              () -> {
                Map<String, T> answers = new HashMap<>();
                for (Session session : one.getValue()) {
                  if (session.isOpen()) {
                    answers.put(session.clientId(), question.apply(session));
                  }
                }
                return answers;
              },
              one.getKey().eventLoop());
      all =
          all.thenCombine(
              ofLoop,
              (before, more) -> {
                Map<String, T> sum = new HashMap<>(before);
                sum.putAll(more);
                return sum;
              });
    }
    return all;
  }

  /// Ends a client's connection.
  ///
  /// @param session its session ends too
  /// @return whether there was something to end
  public CompletableFuture<Boolean> disconnect(String clientId, boolean session) {
    CompletableFuture<Boolean> closed = close(clientId);
    if (!session) {
      return closed;
    }
    return closed.thenCompose(
        was ->
            submit(new Command.EndSession(clientId))
                .thenApply(outcome -> was || outcome.equals(new Outcome.Found(true))));
  }

  private CompletableFuture<Boolean> close(String clientId) {
    Session session = services.directory().get(clientId);
    if (session == null) {
      return CompletableFuture.completedFuture(false);
    }
    var closed = new CompletableFuture<Boolean>();
    session
        .loop()
        .eventLoop()
        .execute(
            () ->
                session
                    .connection()
                    .end(ReasonCode.ADMINISTRATIVE_ACTION, () -> closed.complete(true)));
    return closed;
  }

  // ---- subscriptions and messages

  /// Subscriptions by client, then by filter.
  ///
  /// @param wanted of a client id
  /// @param afterClient of the last one of the page before; null: from the first
  /// @param afterFilter as the client wrote it; null: all of that client's were given
  public CompletableFuture<List<SubscriptionState>> subscriptions(
      Predicate<String> wanted,
      @Nullable String afterClient,
      @Nullable String afterFilter,
      int limit) {
    // The client of the last page may have more.
    List<String> ids = ids(wanted, afterClient, limit);
    if (afterClient != null && afterFilter != null && wanted.test(afterClient)) {
      ids.addFirst(afterClient);
    }
    CompletableFuture<Map<String, List<StoredSubscription>>> connected =
        onLoops(ids, Session::subscriptions);
    CompletableFuture<Map<String, KeptSession>> kept = look(state -> kept(state, ids));
    return connected.thenCombine(
        kept,
        (online, stored) -> {
          List<SubscriptionState> found = new ArrayList<>();
          for (String id : ids) {
            List<StoredSubscription> of = online.get(id);
            if (of == null) {
              KeptSession session = stored.get(id);
              of = session == null ? List.of() : session.subscriptions();
            }
            of.stream()
                .filter(
                    one ->
                        !id.equals(afterClient)
                            || afterFilter == null
                            || one.filter().text().compareTo(afterFilter) > 0)
                .sorted(Comparator.comparing((StoredSubscription one) -> one.filter().text()))
                .limit(limit - found.size())
                .forEach(one -> found.add(new SubscriptionState(id, one)));
            if (found.size() >= limit) {
              break;
            }
          }
          return found;
        });
  }

  /// Ends one subscription of a client, connected or away.
  ///
  /// @param filter as [#subscriptions] gives it, so what rewriting made of it
  /// @return whether it was there; ends with [Refused] while the client comes or goes
  public CompletableFuture<Boolean> unsubscribe(String clientId, SubscriptionFilter filter) {
    Session session = services.directory().get(clientId);
    if (session == null) {
      return submit(new Command.Withdraw(clientId, List.of(filter)))
          .thenApply(
              outcome -> {
                throwIfRefused(outcome);
                return outcome instanceof Outcome.Unsubscribed ended && ended.existed().getFirst();
              });
    }
    var answer = new CompletableFuture<Boolean>();
    session
        .loop()
        .eventLoop()
        .execute(
            () -> {
              if (session.isOpen()) {
                session.withdraw(filter, existed -> tell(answer, clientId, existed));
              } else {
                tell(answer, clientId, null);
              }
            });
    return answer;
  }

  private static void tell(
      CompletableFuture<Boolean> answer, String clientId, @Nullable Boolean existed) {
    if (existed != null) {
      answer.complete(existed);
    } else {
      answer.completeExceptionally(
          new Refused(
              ReasonCode.SESSION_TAKEN_OVER,
              "The client '" + clientId + "' comes or goes right now; try again"));
    }
  }

  /// Ids of clients, connected and away, sorted.
  ///
  /// @param after the last one of those before; null: from the first
  public List<String> clientIds(@Nullable String after, int most) {
    return ids(id -> true, after, most);
  }

  /// What clients have subscribed, in the order of these ids; who is gone is left out.
  public CompletableFuture<List<Standing>> standing(List<String> clientIds) {
    return onLoops(
            clientIds,
            session -> new Standing(session.clientId(), session.client(), session.subscriptions()))
        .thenCompose(connected -> withThoseAway(clientIds, connected));
  }

  private CompletableFuture<List<Standing>> withThoseAway(
      List<String> clientIds, Map<String, Standing> connected) {
    List<String> others = clientIds.stream().filter(id -> !connected.containsKey(id)).toList();
    return look(state -> kept(state, others))
        .thenApply(
            stored -> {
              List<Standing> all = new ArrayList<>(clientIds.size());
              for (String id : clientIds) {
                Standing live = connected.get(id);
                KeptSession session = stored.get(id);
                if (live != null) {
                  all.add(live);
                } else if (session != null) {
                  all.add(new Standing(id, null, session.subscriptions()));
                }
              }
              return all;
            });
  }

  /// What waits for a persistent session, in its order, those in flight first.
  public CompletableFuture<List<QueueEntry>> queue(String clientId, long from, int limit) {
    return look(state -> state.readQueue(clientId, from, limit, 4 << 20));
  }

  public CompletableFuture<RetainedPage> retained(
      String filter, @Nullable String after, int limit) {
    return look(state -> state.readRetained(filter, after, limit));
  }

  /// Which of these clients, connected as they are, may not get a message on this topic, though
  /// they have a subscription that takes it in.
  public CompletableFuture<Set<String>> heldBack(List<String> clientIds, String topic) {
    return onLoops(clientIds, session -> session.outbound().holdsBack(topic))
        .thenApply(
            answers -> {
              answers.values().removeIf(holds -> !holds);
              return answers.keySet();
            });
  }

  /// Who would get a message on this topic.
  public CompletableFuture<Recipients> recipients(String topic) {
    Route route = services.loops().getFirst().router().route(topic, Message.topicBytes(topic));
    Map<String, List<StoredSubscription>> found = new LinkedHashMap<>();
    CompletableFuture<Map<String, List<StoredSubscription>>> all =
        CompletableFuture.completedFuture(found);
    for (Loop loop : services.loops()) {
      CompletableFuture<Map<String, List<StoredSubscription>>> ofLoop =
          CompletableFuture.supplyAsync(() -> loop.matching(route), loop.eventLoop());
      all =
          all.thenCombine(
              ofLoop,
              (sum, more) -> {
                sum.putAll(more);
                return sum;
              });
    }
    return all.thenCombine(
        look(state -> state.matching(topic)),
        (connected, stored) -> {
          Map<String, List<StoredSubscription>> sessions = new LinkedHashMap<>(connected);
          stored.sessions().forEach(sessions::putIfAbsent);
          Set<SubscriptionFilter> groups = new HashSet<>(stored.groups());
          for (SharedGroup group : route.groups()) {
            groups.add(group.filter);
          }
          List<Recipients.Recipient> first =
              sessions.entrySet().stream()
                  .limit(Recipients.SESSIONS_MAX)
                  .map(
                      one ->
                          new Recipients.Recipient(
                              one.getKey(), one.getValue(), connected.containsKey(one.getKey())))
                  .toList();
          return new Recipients(
              first,
              sessions.size(),
              groups.stream().sorted(Comparator.comparing(SubscriptionFilter::text)).toList());
        });
  }

  /// Publishes a message of an operator: to whom it may concern, past all rules.
  ///
  /// @return ends with [Refused] if the store does not take it
  public CompletableFuture<Published> publish(Message message) {
    DelayedTopic delayed = DelayedTopic.parse(message.topic());
    if (delayed != null) {
      return delay(message, delayed);
    }
    if (message.topic().startsWith(DelayedTopic.PREFIX)) {
      return refused(ReasonCode.TOPIC_NAME_INVALID, "expected " + DelayedTopic.SHAPE);
    }
    if (Topics.isReserved(message.topic())) {
      return refused(ReasonCode.NOT_AUTHORIZED, "only the broker publishes there");
    }
    return recipients(message.topic())
        .thenCompose(
            recipients ->
                send(message).thenApply(level -> new Published(recipients.count(), level)));
  }

  private static CompletableFuture<Published> refused(ReasonCode reason, String why) {
    return CompletableFuture.failedFuture(new Refused(reason, why));
  }

  private CompletableFuture<Published> delay(Message message, DelayedTopic delayed) {
    long millis = delayed.seconds() * 1000;
    return submit(
            new Command.Delay(
                message.delayed(delayed.topic(), millis), logTimeMillis() + millis, null, 0, 0))
        .thenApply(
            outcome -> {
              throwIfRefused(outcome);
              return new Published(0, kept());
            });
  }

  private AckLevel kept() {
    return services.door().isDurable() ? AckLevel.PERSISTED : AckLevel.RECEIVED;
  }

  private static void throwIfRefused(Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      throw new Refused(refused.reason(), refused.why());
    }
  }

  /// On the loop that the topic falls to, so that the order of one operator's messages holds.
  private CompletableFuture<AckLevel> send(Message message) {
    List<Loop> loops = services.loops();
    Loop loop = loops.get(Math.floorMod(message.topic().hashCode(), loops.size()));
    var sent = new CompletableFuture<AckLevel>();
    loop.eventLoop()
        .execute(
            () -> {
              loop.updateTime();
              Route route = loop.routes().of(message.topic(), message.topicBytes());
              boolean keeps = message.retain() || message.qos() > 0 && route.durableQosMax() > 0;
              if (!keeps) {
                loop.publish(message, false, List.of());
                sent.complete(AckLevel.RECEIVED);
                return;
              }
              loop.lane()
                  .submit(
                      new Command.Append(message, null, 0, 0, List.of()),
                      outcome -> {
                        if (outcome instanceof Outcome.Appended appended) {
                          loop.publish(message, true, appended.groups());
                          sent.complete(kept());
                        } else if (outcome instanceof Outcome.Refused refused) {
                          sent.completeExceptionally(new Refused(refused.reason(), refused.why()));
                        }
                      });
            });
    return sent;
  }

  /// From now on the tap is offered each message that the filter takes in.
  public void tap(String filter, Tap tap) {
    services.tree().add(filter, tap);
  }

  public void untap(String filter, Tap tap) {
    services.tree().remove(filter, tap);
  }

  /// Of what was dropped of late, the newest first: a sample for each reason.
  public List<Drop> drops() {
    return services.drops().recent();
  }

  // ---- what happened

  /// What a client did of late and what became of it, by time.
  public CompletableFuture<List<TimelineEntry>> timeline(String clientId) {
    return gather(loop -> loop.timeline().entries(entry -> entry.clientId().equals(clientId)))
        .thenApply(
            entries ->
                entries.stream()
                    .sorted(
                        Comparator.comparingLong(TimelineEntry::micros)
                            .thenComparingInt(TimelineEntry::loop))
                    .toList());
  }

  /// What became of messages of late, the newest first.
  public CompletableFuture<List<Story>> stories(Predicate<Story> wanted, int limit) {
    return gather(loop -> loop.stories().newest(wanted, limit))
        .thenApply(
            stories ->
                stories.stream()
                    .sorted(
                        Comparator.comparingLong(Story::micros)
                            .thenComparingInt(Story::loop)
                            .reversed())
                    .limit(limit)
                    .toList());
  }

  /// Asks each loop for a list.
  <T> CompletableFuture<List<T>> gather(Function<Loop, List<T>> question) {
    CompletableFuture<List<T>> all = CompletableFuture.completedFuture(List.of());
    for (Loop loop : services.loops()) {
      all =
          all.thenCombine(
              CompletableFuture.supplyAsync(() -> question.apply(loop), loop.eventLoop()),
              (before, more) -> {
                List<T> sum = new ArrayList<>(before);
                sum.addAll(more);
                return sum;
              });
    }
    return all;
  }

  /// From now on the watch is told of everything that it wants to see, of clients that are
  /// connected already too.
  ///
  /// @return once all loops know of it
  public CompletableFuture<Void> watch(Watch watch) {
    if (watch.filter() != null) {
      services.tree().add(watch.filter(), new WatchedTopics(watch));
      return CompletableFuture.completedFuture(null);
    }
    services.watches().add(watch);
    return lookForWatches();
  }

  public CompletableFuture<Void> unwatch(Watch watch) {
    if (watch.filter() != null) {
      services.tree().remove(watch.filter(), watch);
      return CompletableFuture.completedFuture(null);
    }
    services.watches().remove(watch);
    return lookForWatches();
  }

  private CompletableFuture<Void> lookForWatches() {
    return CompletableFuture.allOf(
        services.loops().stream()
            .map(
                loop ->
                    CompletableFuture.runAsync(
                        () -> loop.connections().forEach(Connection::lookForWatches),
                        loop.eventLoop()))
            .toArray(CompletableFuture[]::new));
  }

  // ---- access

  /// The policy that holds for connected clients too from now on.
  public void setPolicy(Policy policy) {
    services.policy().set(policy);
    eachSession(Session::onPolicy);
  }

  private void eachConnection(Consumer<Connection> then) {
    for (Loop loop : services.loops()) {
      // A copy: some of them may end by it.
      loop.eventLoop().execute(() -> List.copyOf(loop.connections()).forEach(then));
    }
  }

  private void eachSession(Consumer<Session> then) {
    eachConnection(
        connection -> {
          Session session = connection.session();
          if (session != null) {
            then.accept(session);
          }
        });
  }

  /// A user was changed or dropped: its groups hold for connected clients too from now on.
  public void onUsersChanged(Collection<String> usernames) {
    Set<String> changed = Set.copyOf(usernames);
    eachConnection(one -> one.onUsersChanged(changed));
  }

  /// Who a connected client is, as far as access is concerned.
  ///
  /// @return of null if it is not connected
  public CompletableFuture<@Nullable Client> connected(String clientId) {
    return onLoops(List.of(clientId), Session::client).thenApply(found -> found.get(clientId));
  }

  /// The sources of authentication, in the order in which they are asked.
  public List<Authentication.Standing> authentication() {
    return services.authentication().standing();
  }

  public Policy policy() {
    return services.policy();
  }

  /// The rules by which topics are rewritten from now on, of clients that are connected too; what
  /// they subscribed before stays.
  public void setRewrites(Rewrites rules) {
    services.rewrites().set(rules);
    eachSession(session -> session.inbound().onRewrites());
  }

  public Rewrites rewrites() {
    return services.rewrites().now();
  }

  /// The bans that hold from now on. Clients that are connected and fall under a new one are
  /// disconnected.
  ///
  /// @param added those of them that did not hold before
  public void setBans(BanList bans, BanList added) {
    services.bans().set(bans);
    if (added.isOfClientIds()) {
      added.clientIds().stream()
          .map(services.directory()::get)
          .filter(Objects::nonNull)
          .forEach(
              session ->
                  session.loop().eventLoop().execute(() -> session.connection().onBans(added)));
      return;
    }
    eachConnection(one -> one.onBans(added));
  }

  /// The ban that keeps a client out, or null.
  public @Nullable Ban ban(Client client) {
    return services.bans().now().of(client, logTimeMillis());
  }

  /// From now on it is told of client ids that connect too often, and of how long they are to be
  /// banned; on a loop, so it must not wait.
  public void onFlapping(BiConsumer<String, Duration> told) {
    services.flapping().tell(told);
  }

  @Override
  public void close() {
    desk.shutdown();
  }
}
