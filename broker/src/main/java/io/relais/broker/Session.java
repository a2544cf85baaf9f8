package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.protocol.Packet;
import io.relais.protocol.ReasonCode;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.StoredSubscription;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The session of a connected client: who it is, what it subscribed, when it ends. What it
/// publishes is taken by its [Inbound], what it is sent goes through its [Outbound].
///
/// A *persistent* session outlives the connection: its subscriptions, its queue and the QoS 2 ids
/// it received are in the store, changed only by commands; messages of QoS 1 and 2 reach it through
/// its queue alone. A *transient* one has all of that here, and it ends with the connection. An
/// offline session is only in the store.
///
/// Owner: the loop of its connection, but for the final fields and the user name, which any thread
/// reads. Limits: subscriptions, by [BrokerSettings].
final class Session {
  private final Services services;
  private final Loop loop;
  private final Connection connection;
  private final String clientId;
  private final boolean persistent;
  private final boolean bridge;
  private final long expirySeconds;
  private final Inbound inbound;
  private final Outbound outbound;
  private final Map<SubscriptionFilter, Subscriber> subscriptions = new LinkedHashMap<>();
  private Client client;
  private volatile @Nullable String username;
  private final SocketAddress address;
  private Policy policy;
  private long epoch;
  private boolean open;

  Session(
      Services services,
      Loop loop,
      Connection connection,
      Outbox out,
      Packet.Connect connect,
      Client client,
      boolean persistent,
      long expirySeconds) {
    this.services = services;
    this.loop = loop;
    this.connection = connection;
    this.client = client;
    this.username = client.username();
    this.address = client.address();
    this.policy = services.policy().forClient(client);
    this.clientId = client.clientId();
    this.persistent = persistent;
    this.bridge = connect.bridge();
    this.expirySeconds = expirySeconds;
    this.inbound = new Inbound(this, services, connection, out, connect.version());
    this.outbound = new Outbound(this, services, out, connect.version(), connect.properties());
  }

  String clientId() {
    return clientId;
  }

  Loop loop() {
    return loop;
  }

  Connection connection() {
    return connection;
  }

  Inbound inbound() {
    return inbound;
  }

  Outbound outbound() {
    return outbound;
  }

  Client client() {
    return client;
  }

  /// As it authenticated; on any thread.
  @Nullable String username() {
    return username;
  }

  /// Where it comes from; on any thread.
  SocketAddress address() {
    return address;
  }

  /// What this client may do.
  Policy policy() {
    return policy;
  }

  boolean isPersistent() {
    return persistent;
  }

  long expirySeconds() {
    return expirySeconds;
  }

  /// The position of the claim; 0: nothing of this session is in the store.
  long epoch() {
    return epoch;
  }

  boolean isOpen() {
    return open;
  }

  void onReauthenticated(Client as) {
    client = as;
    username = as.username();
    onPolicy();
  }

  /// Another policy may hold.
  void onPolicy() {
    policy = services.policy().forClient(client);
    inbound.onPolicy();
    inbound.onRewrites(); // it may have another name
    outbound.checkDelivery(false);
    subscriptions.keySet().forEach(this::checkStanding);
  }

  /// What an operator sees of it.
  ClientState state() {
    return new ClientState(
        clientId,
        client.username(),
        client.address(),
        client.version(),
        services.door().node(),
        client.listener(),
        connection.openedMillis(),
        connection.keepAliveSeconds(),
        persistent,
        expirySeconds,
        subscriptions.size(),
        outbound.waitingMessages(),
        outbound.inFlightMessages());
  }

  /// Its subscriptions, in the order in which they were made.
  List<StoredSubscription> subscriptions() {
    return subscriptions.values().stream().map(one -> one.subscription).toList();
  }

  /// A subscription that was made under another policy, or before this start: what it may not have
  /// any more is held back at delivery.
  private void checkStanding(SubscriptionFilter filter) {
    if (policy.isOpen()) {
      return;
    }
    Policy.Verdict verdict =
        policy.maySubscribe(client, filter.filter(), 0, later -> outbound.checkDelivery(true));
    if (verdict != Policy.Verdict.ALLOW || policy.checksDelivery(client, filter.filter())) {
      outbound.checkDelivery(true);
    }
  }

  // ---- beginning and end

  /// The claim was applied; takes up what the store has.
  void open(Outcome.Claimed claimed) {
    epoch = claimed.epoch();
    outbound.open(claimed);
    for (StoredSubscription subscription : claimed.subscriptions()) {
      attach(subscription);
      checkStanding(subscription.filter());
    }
    open = true;
    outbound.goOnScanning(claimed);
  }

  /// Without a claim: nothing of this session is in the store.
  void open() {
    open = true;
  }

  /// The connection is gone.
  ///
  /// @param ended runs when the store has let go of the session too
  void end(Command.Parting parting, long newExpirySeconds, Runnable ended) {
    boolean claimed = open && epoch != 0;
    open = false;
    Map<SubscriptionFilter, List<Message>> unsent = outbound.end();
    List<String> exclusive = new ArrayList<>();
    for (Subscriber subscriber : subscriptions.values()) {
      detach(subscriber);
      SubscriptionFilter filter = subscriber.subscription.filter();
      if (!persistent && filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        exclusive.add(filter.filter());
      }
    }
    subscriptions.clear();
    // Now that this session is nobody's choice.
    unsent.forEach((filter, messages) -> loop.passOn(messages, filter));
    if (!exclusive.isEmpty()) {
      loop.lane().submit(new Command.DropExclusive(clientId, exclusive), outcome -> {});
    }
    if (claimed) {
      loop.lane()
          .submit(
              new Command.Release(clientId, epoch, parting, newExpirySeconds, outbound.sentBelow()),
              outcome -> ended.run());
    } else {
      ended.run();
    }
  }

  // ---- subscriptions

  int subscriptionCount() {
    return subscriptions.size();
  }

  boolean hasSubscription(SubscriptionFilter filter) {
    return subscriptions.containsKey(filter);
  }

  /// Makes subscriptions that the policy allowed.
  ///
  /// @param done gets a reason for each, in order, on this loop
  void subscribe(List<StoredSubscription> wanted, Consumer<List<ReasonCode>> done) {
    if (persistent) {
      loop.lane()
          .submit(
              new Command.Subscribe(clientId, epoch, wanted),
              outcome -> {
                if (open && outcome instanceof Outcome.Subscribed made) {
                  finishSubscribe(wanted, made.reasons(), made.existed(), done);
                }
              });
      return;
    }
    List<ReasonCode> reasons = new ArrayList<>(wanted.size());
    List<Boolean> existed = new ArrayList<>(wanted.size());
    int[] pending = {1};
    Runnable one =
        () -> {
          if (--pending[0] == 0 && open) {
            finishSubscribe(wanted, reasons, existed, done);
          }
        };
    for (StoredSubscription subscription : wanted) {
      int index = reasons.size();
      reasons.add(ReasonCode.granted(subscription.qos()));
      existed.add(subscriptions.containsKey(subscription.filter()));
      if (subscription.filter().kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        pending[0]++;
        loop.lane()
            .submit(
                new Command.TakeExclusive(
                    clientId,
                    services.door().node(),
                    services.door().incarnation(),
                    subscription.filter().filter()),
                outcome -> {
                  if (outcome instanceof Outcome.Refused refused) {
                    reasons.set(index, refused.reason());
                  }
                  one.run();
                });
      }
    }
    one.run();
  }

  private void finishSubscribe(
      List<StoredSubscription> wanted,
      List<ReasonCode> reasons,
      List<Boolean> existed,
      Consumer<List<ReasonCode>> done) {
    List<StoredSubscription> withRetained = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      StoredSubscription subscription = wanted.get(i);
      if (reasons.get(i).isError()) {
        continue;
      }
      attach(subscription);
      services.events().subscribed(loop, client, subscription);
      if (policy.checksDelivery(client, subscription.filter().filter())) {
        outbound.checkDelivery(true);
      }
      boolean sends =
          subscription.filter().kind() != SubscriptionFilter.Kind.SHARED
              && (subscription.retainHandling() == 0 // [MQTT-3.3.1-9]
                  || subscription.retainHandling() == 1 && !existed.get(i)); // [MQTT-3.3.1-10]
      if (sends) {
        withRetained.add(subscription);
      }
    }
    if (withRetained.isEmpty()) {
      done.accept(reasons);
      return;
    }
    Runnable answer =
        () -> {
          done.accept(reasons);
          withRetained.forEach(this::sendSystemValues);
        };
    if (persistent) {
      answer.run(); // what it is owed goes through its queue, at most twice
    }
    services.afterAllSubmitted(
        loop,
        () -> {
          if (open) {
            outbound.scan(withRetained, persistent ? () -> {} : answer);
          }
        });
  }

  private void sendSystemValues(StoredSubscription subscription) {
    if (subscription.filter().filter().startsWith("$SYS")) {
      for (Message value : services.system().matching(subscription.filter().filter())) {
        outbound.sendRetained(value, subscription);
      }
    }
  }

  private void attach(StoredSubscription asked) {
    StoredSubscription subscription =
        bridge
            ? new StoredSubscription(
                asked.filter(), asked.qos(), true, true, asked.retainHandling(), asked.id())
            : asked;
    var subscriber = new Subscriber(this, subscription);
    SubscriptionFilter filter = subscription.filter();
    Subscriber before = subscriptions.put(filter, subscriber);
    boolean shared = filter.kind() == SubscriptionFilter.Kind.SHARED;
    if (before == null) {
      loop.counters().increment(Counter.SUBSCRIPTIONS_MADE);
      if (shared) {
        loop.counters().increment(Counter.SHARED_SUBSCRIPTIONS_MADE);
      }
    }
    if (shared) {
      outbound.tellLoad(filter);
      services.tree().join(subscriber);
      if (before != null) {
        services.tree().leave(before);
      }
      services.dispatchers().onMembers(filter);
      return;
    }
    Subscribers list = services.tree().attach(filter.filter(), loop.index());
    list.add(subscriber);
    if (before != null) {
      list.remove(before);
    }
  }

  private void detach(Subscriber subscriber) {
    SubscriptionFilter filter = subscriber.subscription.filter();
    loop.counters().increment(Counter.SUBSCRIPTIONS_ENDED);
    if (filter.kind() == SubscriptionFilter.Kind.SHARED) {
      loop.counters().increment(Counter.SHARED_SUBSCRIPTIONS_ENDED);
      services.tree().leave(subscriber);
      services.dispatchers().onMembers(filter);
      return;
    }
    Subscribers list = services.tree().attach(filter.filter(), loop.index());
    list.remove(subscriber);
    if (list.size() == 0) {
      services.tree().detach(filter.filter(), loop.index());
    }
  }

  /// @param done gets for each filter whether it was there, on this loop
  void unsubscribe(List<SubscriptionFilter> filters, Consumer<List<Boolean>> done) {
    if (persistent) {
      loop.lane()
          .submit(
              new Command.Unsubscribe(clientId, epoch, filters),
              outcome -> {
                if (open && outcome instanceof Outcome.Unsubscribed ended) {
                  filters.forEach(this::forget);
                  done.accept(ended.existed());
                }
              });
      return;
    }
    List<Boolean> existed = new ArrayList<>(filters.size());
    List<String> exclusive = new ArrayList<>();
    for (SubscriptionFilter filter : filters) {
      boolean had = forget(filter);
      existed.add(had);
      if (had && filter.kind() == SubscriptionFilter.Kind.EXCLUSIVE) {
        exclusive.add(filter.filter());
      }
    }
    if (!exclusive.isEmpty()) {
      loop.lane().submit(new Command.DropExclusive(clientId, exclusive), outcome -> {});
    }
    done.accept(existed);
  }

  /// An operator ends a subscription; the client is not told, since MQTT has no words for it.
  ///
  /// @param done gets whether it was there, or null if the session ended meanwhile, on this loop
  void withdraw(SubscriptionFilter filter, Consumer<@Nullable Boolean> done) {
    if (!persistent) {
      unsubscribe(List.of(filter), existed -> done.accept(existed.getFirst()));
      return;
    }
    loop.lane()
        .submit(
            new Command.Unsubscribe(clientId, epoch, List.of(filter)),
            outcome -> {
              if (outcome instanceof Outcome.Unsubscribed ended) {
                if (open) {
                  forget(filter);
                }
                done.accept(ended.existed().getFirst());
              } else {
                done.accept(null);
              }
            });
  }

  private boolean forget(SubscriptionFilter filter) {
    Subscriber subscriber = subscriptions.remove(filter);
    if (subscriber == null) {
      return false;
    }
    detach(subscriber);
    services.events().unsubscribed(loop, client, subscriber.subscription);
    outbound.stopScanning(filter);
    return true;
  }
}
