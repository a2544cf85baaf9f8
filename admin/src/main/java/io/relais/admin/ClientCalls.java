package io.relais.admin;

import io.relais.api.Client;
import io.relais.api.Items;
import io.relais.api.QueuedMessage;
import io.relais.api.Role;
import io.relais.api.Subscription;
import io.relais.broker.Administration;
import io.relais.broker.ClientQuery;
import io.relais.broker.ClientState;
import io.relais.broker.Page;
import io.relais.broker.SubscriptionState;
import io.relais.broker.access.AddressRange;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.QueueEntry;
import io.relais.storage.StoredSubscription;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Clients, their subscriptions and queues.
final class ClientCalls {
  private static final char SEPARATOR = '\0'; // in no client id

  private final Administration broker;
  private final Audit audit;

  ClientCalls(Administration broker, Audit audit) {
    this.broker = broker;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .get("/api/v1/clients", Role.VIEWER, "Clients, connected and away, by id")
        .query("filter", String.class, "Only ids that hold this text, in any letter case")
        .query("connected", boolean.class, "Only those that are connected, or are away")
        .query("username", String.class, "Only those connected as this user")
        .query("address", String.class, "Only those connected from this address or range")
        .givesPageOf(Client.class)
        .by(this::clients);
    operations
        .get("/api/v1/clients/{clientId}", Role.VIEWER, "One client")
        .gives(Client.class)
        .by(this::client);
    operations
        .delete("/api/v1/clients/{clientId}", Role.OPERATOR, "Disconnects a client")
        .query("session", boolean.class, "Removes its session too")
        .by(this::disconnect);
    operations
        .delete(
            "/api/v1/clients/{clientId}/subscriptions",
            Role.OPERATOR,
            "Ends a subscription of a client, connected or away")
        .query("filter", String.class, "As the list of subscriptions has it")
        .by(this::unsubscribe);
    operations
        .get(
            "/api/v1/clients/{clientId}/queue", Role.OPERATOR, "What waits for a session, in order")
        .givesPageOf(QueuedMessage.class)
        .by(this::queue);
    operations
        .get("/api/v1/subscriptions", Role.VIEWER, "Subscriptions, by client and filter")
        .query("clientId", String.class, "Only those of this client")
        .givesPageOf(Subscription.class)
        .by(this::subscriptions);
  }

  private Object clients(Call call) {
    Predicate<String> wanted = call.holding("filter");
    Boolean connected = call.query("connected") == null ? null : call.flag("connected");
    var check = new Check();
    AddressRange address = check.range("address", call.query("address"));
    check.throwIfAny();
    var query = new ClientQuery(connected, call.query("username"), address);
    Page<ClientState> page =
        Answers.await(broker.clients(query, wanted, call.cursor(), call.limit()));
    return new Items<>(page.items().stream().map(this::told).toList(), Call.cursor(page.next()));
  }

  private Object client(Call call) {
    return told(existing(call.path("clientId")));
  }

  private ClientState existing(String clientId) {
    ClientState state = Answers.await(broker.client(clientId));
    if (state == null) {
      throw Failure.notFound("There is no client '" + clientId + "'");
    }
    return state;
  }

  private Client told(ClientState state) {
    return new Client(
        state.clientId(),
        state.username(),
        address(state.address()),
        protocol(state.version()),
        state.isConnected(),
        state.node(),
        state.keepAliveSeconds(),
        state.sessionExpirySeconds() == Command.NEVER ? null : state.sessionExpirySeconds(),
        state.subscriptions(),
        state.queuedMessages(),
        state.inFlightMessages(),
        state.listener(),
        state.isConnected() ? Instant.ofEpochMilli(state.connectedAtMillis()) : null,
        state.persistent());
  }

  private static @Nullable String address(@Nullable SocketAddress address) {
    return address == null ? null : io.relais.broker.access.Client.written(address);
  }

  private static @Nullable String protocol(@Nullable ProtocolVersion version) {
    return switch (version) {
      case null -> null;
      case MQTT_3_1 -> "3.1";
      case MQTT_3_1_1 -> "3.1.1";
      case MQTT_5 -> "5.0";
    };
  }

  private @Nullable Object disconnect(Call call) {
    String clientId = call.path("clientId");
    Client before = told(existing(clientId));
    boolean session = call.flag("session");
    boolean found = Answers.await(broker.disconnect(clientId, session));
    if (!found && !session) {
      throw Failure.conflict("The client '" + clientId + "' is not connected");
    }
    audit.note(call, before, null);
    return null;
  }

  private @Nullable Object unsubscribe(Call call) {
    String clientId = call.path("clientId");
    var check = new Check();
    String text = check.present("filter", call.query("filter"), "#");
    SubscriptionFilter filter = check.filter("filter", text);
    check.throwIfAny();
    existing(clientId);
    if (!Answers.await(broker.unsubscribe(clientId, filter))) {
      throw Failure.notFound("The client '%s' has not subscribed '%s'".formatted(clientId, text));
    }
    audit.note(call, Map.of("clientId", clientId, "filter", text), null);
    return null;
  }

  private Object queue(Call call) {
    String clientId = call.path("clientId");
    existing(clientId);
    int limit = call.limit();
    String cursor = call.cursor();
    List<QueueEntry> entries =
        Answers.await(broker.queue(clientId, cursor == null ? 0 : sequence(cursor), limit + 1));
    boolean more = entries.size() > limit;
    return new Items<>(
        entries.stream().limit(limit).map(ClientCalls::told).toList(),
        more ? Call.cursor(Long.toString(entries.get(limit).sequence())) : null);
  }

  private static long sequence(String cursor) {
    try {
      return Long.parseLong(cursor);
    } catch (NumberFormatException e) {
      throw Failure.invalid("cursor", "is none that this call gave");
    }
  }

  private static QueuedMessage told(QueueEntry entry) {
    Payloads.Told payload = Payloads.tell(entry.message().payload());
    long expires = entry.message().expiresAtMillis();
    return new QueuedMessage(
        entry.sequence(),
        entry.message().topic(),
        payload.payload(),
        payload.encoding(),
        entry.qos(),
        entry.retain(),
        expires == 0 ? null : Instant.ofEpochMilli(expires));
  }

  private Object subscriptions(Call call) {
    String clientId = call.query("clientId");
    String cursor = call.cursor();
    int limit = call.limit();
    int separator = cursor == null ? -1 : cursor.indexOf(SEPARATOR);
    String afterClient = cursor == null || separator < 0 ? null : cursor.substring(0, separator);
    String afterFilter = cursor == null || separator < 0 ? null : cursor.substring(separator + 1);
    List<SubscriptionState> found =
        Answers.await(
            broker.subscriptions(
                clientId == null ? id -> true : clientId::equals,
                afterClient,
                afterFilter,
                limit + 1));
    List<SubscriptionState> page = found.subList(0, Math.min(limit, found.size()));
    SubscriptionState last = found.size() > limit ? page.getLast() : null;
    return new Items<>(
        page.stream().map(ClientCalls::told).toList(),
        last == null
            ? null
            : Call.cursor(last.clientId() + SEPARATOR + last.subscription().filter().text()));
  }

  private static Subscription told(SubscriptionState state) {
    StoredSubscription one = state.subscription();
    return new Subscription(
        state.clientId(),
        one.filter().text(),
        one.qos(),
        one.noLocal(),
        one.retainAsPublished(),
        one.retainHandling(),
        one.id() == 0 ? null : one.id());
  }
}
