package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.api.Encoding;
import io.relais.api.Items;
import io.relais.api.Json;
import io.relais.api.PublishRequest;
import io.relais.api.PublishResult;
import io.relais.api.Retained;
import io.relais.api.Role;
import io.relais.broker.Administration;
import io.relais.broker.Published;
import io.relais.broker.Tap;
import io.relais.protocol.PacketEncoder;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.Topics;
import io.relais.storage.Message;
import io.relais.storage.State.RetainedPage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Publishing, listening, and what is retained.
final class MessageCalls {
  private static final int WAITING_MAX = 1_000;
  private static final long WAITING_BYTES_MAX = 8 << 20;
  private static final int RETAINED_AT_ONCE = 1_000;

  private final Administration broker;
  private final Audit audit;
  private final EventStream.Places places = new EventStream.Places(100, "streams are open already");

  MessageCalls(Administration broker, Audit audit) {
    this.broker = broker;
    this.audit = audit;
  }

  void addTo(Operations operations) {
    operations
        .post("/api/v1/publish", Role.OPERATOR, "Publishes a message, past all rules")
        .takes(PublishRequest.class)
        .gives(PublishResult.class)
        .by(this::publish);
    operations
        .get("/api/v1/subscribe", Role.OPERATOR, "Messages as they come, as server-sent events")
        .query("filter", String.class, "A topic filter; needed")
        .query("qos", int.class, "The highest that is told; default 2")
        .givesOther("text/event-stream")
        .by(this::subscribe);
    operations
        .get("/api/v1/retained", Role.VIEWER, "Retained messages, by topic")
        .query("filter", String.class, "A topic filter; default #")
        .givesPageOf(Retained.class)
        .by(this::retained);
    operations
        .delete(
            "/api/v1/retained",
            Role.OPERATOR,
            "Removes the retained message of a topic, or those that a filter takes in")
        .query("topic", String.class, "The topic")
        .query("filter", String.class, "A topic filter; give this or a topic")
        .by(this::dropRetained);
  }

  private Object publish(Call call) {
    PublishRequest request = call.body(PublishRequest.class);
    var check = new Check();
    String topic = check.present("topic", request.topic(), "");
    check.none("topic", request.topic() == null ? null : Topics.problemWithName(topic));
    int qos = check.qos("qos", request.qos(), 0);
    byte[] payload = payload(request.payload(), request.encoding(), check);
    Properties properties = properties(request.properties(), check);
    check.throwIfAny();
    Long expiry = request.properties() == null ? null : request.properties().messageExpirySeconds();
    var message =
        new Message(
            topic,
            Message.topicBytes(topic),
            payload,
            PacketEncoder.properties(properties),
            qos,
            Boolean.TRUE.equals(request.retain()),
            expiry == null ? 0 : broker.logTimeMillis() + expiry * 1000,
            null);
    Published published = Answers.await(broker.publish(message));
    return new PublishResult(published.matched(), published.level().label());
  }

  private static byte[] payload(
      @Nullable JsonNode payload, @Nullable Encoding encoding, Check check) {
    if (payload == null || payload.isNull() && encoding != Encoding.JSON) {
      return new byte[0];
    }
    if (encoding == Encoding.JSON) {
      return Json.MAPPER.writeValueAsBytes(payload);
    }
    if (!payload.isString()) {
      check.require(
          false, "payload", "is no text; send it with the encoding json, or in quotation marks");
      return new byte[0];
    }
    if (encoding != Encoding.BASE64) {
      return payload.stringValue().getBytes(UTF_8);
    }
    try {
      return Base64.getDecoder().decode(payload.stringValue());
    } catch (IllegalArgumentException e) {
      check.require(false, "payload", "is no base64: " + e.getMessage());
      return new byte[0];
    }
  }

  private static Properties properties(PublishRequest.@Nullable Properties given, Check check) {
    Properties.Builder properties = Properties.builder();
    if (given == null) {
      return properties.build();
    }
    if (given.contentType() != null) {
      text("properties.contentType", given.contentType(), check);
      properties.add(Property.CONTENT_TYPE, given.contentType());
    }
    if (given.responseTopic() != null) {
      check.none("properties.responseTopic", Topics.problemWithName(given.responseTopic()));
      properties.add(Property.RESPONSE_TOPIC, given.responseTopic());
    }
    if (given.correlationData() != null) {
      try {
        byte[] data = Base64.getDecoder().decode(given.correlationData());
        check.require(
            data.length <= 65_535, "properties.correlationData", "has more than 65535 bytes");
        properties.add(Property.CORRELATION_DATA, data);
      } catch (IllegalArgumentException e) {
        check.require(false, "properties.correlationData", "is no base64: " + e.getMessage());
      }
    }
    Long expiry = given.messageExpirySeconds();
    check.require(
        expiry == null || expiry >= 1 && expiry <= 0xFFFF_FFFFL,
        "properties.messageExpirySeconds",
        "must be 1 to 4294967295");
    List<List<String>> pairs = given.user() == null ? List.of() : given.user();
    for (int i = 0; i < pairs.size(); i++) {
      List<String> pair = pairs.get(i);
      String at = "properties.user[" + i + "]";
      if (pair == null || pair.size() != 2 || pair.get(0) == null || pair.get(1) == null) {
        check.require(false, at, "must be a list of a name and a value");
        continue;
      }
      text(at, pair.get(0), check);
      text(at, pair.get(1), check);
      properties.addUser(pair.get(0), pair.get(1));
    }
    return properties.build();
  }

  /// What MQTT takes as text.
  private static void text(String field, String text, Check check) {
    check.require(text.indexOf('\0') < 0, field, "has a U+0000");
    check.require(
        text.getBytes(UTF_8).length <= 65_535, field, "has more than 65535 bytes of UTF-8");
  }

  // ---- listening

  /// What waits for one stream.
  private static final class Stream implements Tap {
    final BlockingQueue<Message> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();

    @Override
    public void offer(Message message) {
      if (bytes.get() + message.bytes() > WAITING_BYTES_MAX || !waiting.offer(message)) {
        dropped.incrementAndGet();
      } else {
        bytes.addAndGet(message.bytes());
      }
    }

    /// @return null: nothing came for a while
    @Nullable Message next() throws InterruptedException {
      Message next = waiting.poll(EventStream.LOOK_NANOS, TimeUnit.NANOSECONDS);
      if (next != null) {
        bytes.addAndGet(-next.bytes());
      }
      return next;
    }
  }

  private @Nullable Object subscribe(Call call) throws IOException, InterruptedException {
    String filter = call.query("filter");
    var check = new Check();
    String wanted = check.present("filter", filter, "");
    check.none("filter", filter == null ? null : Topics.problemWithFilter(wanted));
    check.throwIfAny();
    int qosMax = call.number("qos", 2, 0, 2);
    var stream = new Stream();
    try (var _ = places.take()) {
      broker.tap(wanted, stream);
      send(call, wanted, qosMax, stream);
    } finally {
      broker.untap(wanted, stream);
    }
    return null;
  }

  private void send(Call call, String filter, int qosMax, Stream stream)
      throws IOException, InterruptedException {
    try (EventStream events = EventStream.begin(call, "listening to " + filter)) {
      RetainedPage retained = Answers.await(broker.retained(filter, null, RETAINED_AT_ONCE));
      for (Message message : retained.messages()) {
        events.send("message", told(message, true, qosMax));
      }
      events.flush();
      for (Message message = stream.next(); events.goesOn(); message = stream.next()) {
        if (message != null) {
          events.send("message", told(message, false, qosMax));
        }
        events.tellDropped(stream.dropped.get());
        if (stream.waiting.isEmpty()) {
          events.flush();
        }
      }
    }
  }

  private static io.relais.api.Message told(Message message, boolean retain, int qosMax) {
    Payloads.Told payload = Payloads.tell(message.payload());
    return new io.relais.api.Message(
        message.topic(),
        payload.payload(),
        payload.encoding(),
        Math.min(message.qos(), qosMax),
        retain,
        Instant.now());
  }

  // ---- retained

  private Object retained(Call call) {
    String filter = call.query("filter") == null ? "#" : call.query("filter");
    String wanted = String.valueOf(filter);
    new Check().none("filter", Topics.problemWithFilter(wanted)).throwIfAny();
    RetainedPage page = Answers.await(broker.retained(wanted, call.cursor(), call.limit()));
    List<Retained> items = new ArrayList<>();
    for (int i = 0; i < page.messages().size(); i++) {
      Message message = page.messages().get(i);
      Payloads.Told payload = Payloads.tell(message.payload());
      items.add(
          new Retained(
              message.topic(),
              payload.payload(),
              payload.encoding(),
              message.qos(),
              Instant.ofEpochMilli(page.storedAtMillis()[i])));
    }
    return new Items<>(items, Call.cursor(page.next()));
  }

  private @Nullable Object dropRetained(Call call) {
    String topic = call.query("topic");
    String filter = call.query("filter");
    var check = new Check();
    check.require((topic == null) != (filter == null), "topic", "give a topic or a filter");
    check.none("topic", topic == null ? null : Topics.problemWithName(topic));
    check.none("filter", filter == null ? null : Topics.problemWithFilter(filter));
    check.throwIfAny();
    if (topic != null) {
      if (Answers.await(broker.retained(topic, null, 1)).messages().isEmpty()) {
        throw Failure.notFound("Nothing is retained on '" + topic + "'");
      }
      Answers.await(dropRetained(topic));
      audit.note(call, Map.of("topic", topic), null);
    } else if (filter != null) {
      long removed = dropAllRetained(filter);
      audit.note(call, Map.of("filter", filter, "removed", removed), null);
    }
    return null;
  }

  private CompletableFuture<?> dropRetained(String topic) {
    return broker.publish(Message.of(topic, new byte[0], 1, true));
  }

  /// Page by page, in the order of topics; what is retained behind the place where it is now goes
  /// too.
  private long dropAllRetained(String filter) {
    long removed = 0;
    String after = null;
    do {
      RetainedPage page = Answers.await(broker.retained(filter, after, RETAINED_AT_ONCE));
      List<CompletableFuture<?>> dropped = new ArrayList<>();
      for (Message message : page.messages()) {
        dropped.add(dropRetained(message.topic()));
      }
      for (CompletableFuture<?> one : dropped) {
        var _ = Answers.await(one);
        removed++;
      }
      after = page.next();
    } while (after != null);
    return removed;
  }
}
