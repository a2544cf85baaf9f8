package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.protocol.ReasonCode;
import io.relais.storage.Message;
import io.relais.storage.StoredSubscription;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What happens to clients, as messages of `$events/client/...` that the broker publishes at QoS 0,
/// and a sample of what is dropped as those of `$events/message/dropped`. Nothing is made where
/// nobody subscribed.
///
/// All events of a client are published by the loop that its id falls to, so they keep their order
/// when it comes back on another loop.
///
/// Owner: any loop. Limits: [#ON_THE_WAY_MAX] events that are not published yet; more are dropped
/// and counted, and so is what comes while another loop lags behind.
final class ClientEvents {
  static final int ON_THE_WAY_MAX = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(ClientEvents.class);

  private static final Topic CONNECTED = new Topic("$events/client/connected");
  private static final Topic DISCONNECTED = new Topic("$events/client/disconnected");
  private static final Topic SUBSCRIBED = new Topic("$events/client/subscribed");
  private static final Topic UNSUBSCRIBED = new Topic("$events/client/unsubscribed");
  private static final Topic DROPPED = new Topic("$events/message/dropped");

  private record Topic(String name, byte[] bytes) {
    Topic(String name) {
      this(name, Message.topicBytes(name));
    }
  }

  private volatile boolean on; // read when a client comes, goes or subscribes
  private final List<Loop> loops;
  private final Drops drops;
  private final AtomicInteger onTheWay = new AtomicInteger();

  ClientEvents(boolean on, List<Loop> loops, Drops drops) {
    this.on = on;
    this.loops = loops;
    this.drops = drops;
  }

  /// From now on; any thread.
  void turn(boolean wanted) {
    on = wanted;
  }

  void connected(Loop loop, Client client) {
    if (isWanted(loop, CONNECTED)) {
      publish(CONNECTED, loop, client, begin(loop, client));
    }
  }

  /// @param reason null: the connection broke off
  void disconnected(Loop loop, Client client, @Nullable ReasonCode reason) {
    if (isWanted(loop, DISCONNECTED)) {
      StringBuilder json = begin(loop, client).append(",\"reason\":");
      publish(DISCONNECTED, loop, client, text(json, word(reason)));
    }
  }

  /// @param reason null: the connection broke off
  static String word(@Nullable ReasonCode reason) {
    return switch (reason) {
      case null -> "connection-lost";
      case SUCCESS, DISCONNECT_WITH_WILL -> "client-disconnected";
      default -> reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    };
  }

  void subscribed(Loop loop, Client client, StoredSubscription subscription) {
    if (isWanted(loop, SUBSCRIBED)) {
      StringBuilder json = begin(loop, client).append(",\"filter\":");
      text(json, subscription.filter().text()).append(",\"qos\":").append(subscription.qos());
      publish(SUBSCRIBED, loop, client, json);
    }
  }

  void unsubscribed(Loop loop, Client client, StoredSubscription subscription) {
    if (isWanted(loop, UNSUBSCRIBED)) {
      StringBuilder json = begin(loop, client).append(",\"filter\":");
      text(json, subscription.filter().text()).append(",\"qos\":").append(subscription.qos());
      publish(UNSUBSCRIBED, loop, client, json);
    }
  }

  private boolean isWanted(Loop loop, Topic topic) {
    return on && isHeard(loop, topic);
  }

  private static boolean isHeard(Loop loop, Topic topic) {
    return loop.routes().of(topic.name, topic.bytes).hasListeners();
  }

  private void publish(Topic topic, Loop from, Client client, StringBuilder json) {
    if (onTheWay.incrementAndGet() > ON_THE_WAY_MAX) {
      onTheWay.decrementAndGet();
      lost(topic, from, client.clientId(), json.length());
      return;
    }
    byte[] payload = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    Loop loop = loops.get(Math.floorMod(client.clientId().hashCode(), loops.size()));
    try {
      loop.eventLoop().execute(() -> publish(topic, loop, payload));
    } catch (RejectedExecutionException e) {
      onTheWay.decrementAndGet(); // the loops end one after the other, and nobody is left to tell
    }
  }

  private void publish(Topic topic, Loop loop, byte[] payload) {
    onTheWay.decrementAndGet();
    if (loop.isAheadOfOthers()) {
      lost(topic, loop, null, payload.length);
      return;
    }
    loop.publish(Message.of(topic.name, payload, 0, false), false, List.of());
  }

  private void lost(Topic topic, Loop loop, @Nullable String clientId, int bytes) {
    loop.counters().increment(Counter.DROPPED_EVENTS);
    drops.note(Counter.DROPPED_EVENTS, loop.nowMillis(), topic.name, clientId, null, 0, bytes);
  }

  /// A message was dropped; any thread. It may be in the midst of a delivery, so this waits for
  /// another turn. Of dropped events there are none: they would come back without end.
  void dropped(Drop drop) {
    if (!on || drop.topic().startsWith("$events/")) {
      return;
    }
    Loop loop = loops.getFirst();
    try {
      loop.eventLoop().execute(() -> publish(drop, loop));
    } catch (RejectedExecutionException e) {
      LOG.debug("A drop is not told any more, as the broker ends: {}", e.toString());
    }
  }

  private static void publish(Drop drop, Loop loop) {
    if (!isHeard(loop, DROPPED) || loop.isAheadOfOthers()) {
      return;
    }
    var json = new StringBuilder(256).append("{\"reason\":");
    text(json, drop.reason().reason()).append(",\"topic\":");
    text(json, drop.topic()).append(",\"clientId\":");
    text(json, drop.clientId()).append(",\"publisher\":");
    text(json, drop.publisher()).append(",\"qos\":").append(drop.qos());
    json.append(",\"payloadBytes\":").append(drop.payloadBytes()).append(",\"time\":");
    text(json, time(drop.timeMillis())).append('}');
    byte[] payload = json.toString().getBytes(StandardCharsets.UTF_8);
    loop.publish(Message.of(DROPPED.name, payload, 0, false), false, List.of());
  }

  // ---- JSON

  /// What all events have; the object is still open.
  private static StringBuilder begin(Loop loop, Client client) {
    var json = new StringBuilder(256).append("{\"clientId\":");
    text(json, client.clientId()).append(",\"username\":");
    text(json, client.username()).append(",\"address\":");
    text(json, Client.written(client.address())).append(",\"listener\":");
    text(json, client.listener()).append(",\"protocol\":");
    text(json, client.version().label()).append(",\"time\":");
    return text(json, time(loop.nowMillis()));
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static StringBuilder text(StringBuilder json, @Nullable String text) {
    if (text == null) {
      return json.append("null");
    }
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
