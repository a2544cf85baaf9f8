package io.relais.server.store;

import io.relais.broker.access.Groups;
import io.relais.broker.access.Passwords;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.protocol.Topics;
import io.relais.storage.Command;
import io.relais.storage.InvalidItem;
import io.relais.storage.Message;
import io.relais.storage.StoredItem;
import io.relais.storage.StoredSubscription;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One [StoredItem] as one line of JSON: an object whose `type` says which. docs/store.md has the
/// fields of each. Limits: [#LINE_MAX] characters.
public final class ItemLine {
  /// Of a line; the largest payload in base64 and what is around it.
  public static final int LINE_MAX = 512 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LINE_MAX).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ItemLine() {}

  // ---- writing

  /// @param version of Relais, for the header
  public static String write(StoredItem item, String version) {
    ObjectNode to = JSON.createObjectNode();
    switch (item) {
      case StoredItem.Header h ->
          to.put("type", "header")
              .put("format", h.format())
              .put("version", version)
              .put("position", h.position())
              .put("logTimeMillis", h.logTimeMillis())
              .put("wallMillis", h.wallMillis())
              .put("lastNumber", h.lastNumber());
      case StoredItem.Node n ->
          to.put("type", "node").put("node", n.node()).put("incarnation", n.incarnation());
      case StoredItem.User u -> {
        to.put("type", "user").put("username", u.username()).put("passwordHash", u.passwordHash());
        if (!u.groups().isEmpty()) {
          u.groups().forEach(to.putArray("groups")::add);
        }
      }
      case StoredItem.Document d ->
          to.put("type", "document")
              .put("collection", d.collection())
              .put("id", d.id())
              .put("content", d.content());
      case StoredItem.SharedMessage m -> {
        to.put("type", "message").put("id", m.id());
        message(to, m.message());
      }
      case StoredItem.Session s -> session(to, s);
      case StoredItem.Group g -> {
        to.put("type", "group").put("filter", g.filter().text());
        bounds(to, g.queue());
      }
      case StoredItem.Entry e -> entry(to, e);
      case StoredItem.Retained r -> retained(to, r);
      case StoredItem.Delayed d -> {
        to.put("type", "delayed").put("number", d.number()).put("dueAtMillis", d.dueAtMillis());
        message(to, d.message());
      }
      case StoredItem.Exclusive e -> {
        to.put("type", "exclusive").put("filter", e.filter()).put("clientId", e.clientId());
        if (e.node() != null) {
          to.put("node", e.node()).put("incarnation", e.incarnation());
        }
      }
    }
    return JSON.writeValueAsString(to);
  }

  private static void message(ObjectNode to, Message message) {
    to.put("topic", message.topic());
    bytes(to, message.payload());
    to.put("messageQos", message.qos()).put("messageRetain", message.retain());
    if (message.properties().length > 0) {
      to.put("encodedProperties", Base64.getEncoder().encodeToString(message.properties()));
    }
    if (message.expiresAtMillis() != 0) {
      to.put("expiresAtMillis", message.expiresAtMillis());
    }
    if (message.publisher() != null) {
      to.put("publisher", message.publisher());
    }
  }

  private static void bytes(ObjectNode to, byte[] payload) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
      to.put("payload", text).put("encoding", "text");
    } catch (CharacterCodingException e) {
      to.put("payload", Base64.getEncoder().encodeToString(payload)).put("encoding", "base64");
    }
  }

  private static void bounds(ObjectNode to, StoredItem.QueueBounds queue) {
    to.put("queue", queue.queue()).put("head", queue.head()).put("next", queue.next());
  }

  private static void session(ObjectNode to, StoredItem.Session s) {
    to.put("type", "session").put("clientId", s.clientId()).put("persistent", s.persistent());
    bounds(to, s.queue());
    to.put("epoch", s.epoch());
    if (s.owner() != null) {
      to.put("node", s.owner());
    }
    to.put("incarnation", s.incarnation());
    if (s.expirySeconds() == Command.NEVER) {
      to.putNull("expirySeconds");
    } else {
      to.put("expirySeconds", s.expirySeconds());
    }
    to.put("window", s.window()).put("sentBelow", s.sentBelow());
    to.put("deferred", s.deferred()).put("ended", s.ended());
    if (s.will() != null) {
      ObjectNode will = to.putObject("will");
      will.put("delaySeconds", s.will().delaySeconds());
      if (s.will().expirySeconds() >= 0) {
        will.put("expirySeconds", s.will().expirySeconds());
      }
      message(will, s.will().message());
    }
    scheduled(to, "willAt", s.willAt());
    scheduled(to, "endAt", s.endAt());
    ArrayNode subscriptions = to.putArray("subscriptions");
    for (StoredItem.Subscription subscription : s.subscriptions()) {
      StoredSubscription one = subscription.options();
      ObjectNode written =
          subscriptions
              .addObject()
              .put("filter", one.filter().text())
              .put("qos", one.qos())
              .put("noLocal", one.noLocal())
              .put("retainAsPublished", one.retainAsPublished())
              .put("retainHandling", one.retainHandling())
              .put("id", one.id());
      if (subscription.owedAfter() != null) {
        written.put("owedAfter", subscription.owedAfter());
      }
    }
    ArrayNode received = to.putArray("receivedIds");
    s.receivedIds().forEach(received::add);
  }

  private static void scheduled(ObjectNode to, String name, StoredItem.@Nullable Scheduled at) {
    if (at != null) {
      to.putObject(name).put("atMillis", at.atMillis()).put("number", at.number());
    }
  }

  private static void entry(ObjectNode to, StoredItem.Entry e) {
    to.put("type", "entry").put("queue", e.queue()).put("sequence", e.sequence());
    to.put("qos", e.qos()).put("retain", e.retain());
    if (e.subscriptionIds().length > 0) {
      ArrayNode ids = to.putArray("subscriptionIds");
      for (int id : e.subscriptionIds()) {
        ids.add(id);
      }
    }
    if (e.released()) {
      to.put("released", true);
    }
    if (e.from() != null) {
      to.put("from", e.from().text());
    }
    if (e.message() == null) {
      to.put("message", e.shared());
    } else {
      message(to, e.message());
    }
  }

  private static void retained(ObjectNode to, StoredItem.Retained r) {
    to.put("type", "retained").put("storedAtMillis", r.storedAtMillis());
    if (r.expiryNumber() != 0) {
      to.put("expiryNumber", r.expiryNumber());
    }
    if (r.message() == null) {
      to.put("topic", r.topic()).put("message", r.shared());
    } else {
      message(to, r.message());
    }
  }

  // ---- reading

  /// @throws InvalidItem with a sentence: what is wrong, and what would be right
  public static StoredItem read(String line) throws InvalidItem {
    JsonNode parsed;
    try {
      parsed = JSON.readTree(line);
    } catch (JacksonException e) {
      throw new InvalidItem(
          "column %d: %s; a line is one JSON object"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getColumnNr(),
                  firstLine(e.getOriginalMessage())));
    }
    if (!(parsed instanceof ObjectNode object)) {
      throw new InvalidItem("a line is one JSON object with a type");
    }
    var from = new Fields(object, "");
    String type = from.text("type");
    StoredItem item =
        switch (type) {
          case "header" -> header(from);
          case "node" -> new StoredItem.Node(from.text("node"), from.number("incarnation", 1));
          case "user" -> user(from);
          case "document" -> document(from);
          case "message" -> new StoredItem.SharedMessage(from.number("id", 1), message(from));
          case "session" -> session(from);
          case "group" -> new StoredItem.Group(filter(from), bounds(from));
          case "entry" -> entry(from);
          case "retained" -> retained(from);
          case "delayed" ->
              new StoredItem.Delayed(
                  from.number("number", 1), from.number("dueAtMillis", 0), message(from));
          case "exclusive" ->
              new StoredItem.Exclusive(
                  from.text("filter"),
                  from.text("clientId"),
                  from.textOrNull("node"),
                  from.numberOr("incarnation", 0));
          default ->
              throw new InvalidItem(
                  "the type is '%s'; it is one of header, node, user, document, message, session, group, entry, retained, delayed, exclusive"
                      .formatted(type));
        };
    from.end();
    return item;
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static StoredItem header(Fields from) throws InvalidItem {
    from.textOrNull("version");
    return new StoredItem.Header(
        from.small("format", 0, Integer.MAX_VALUE),
        from.numberOr("position", 0),
        from.numberOr("logTimeMillis", 0),
        from.numberOr("wallMillis", 0),
        from.numberOr("lastNumber", 0));
  }

  private static StoredItem user(Fields from) throws InvalidItem {
    String username = from.text("username");
    String hash = from.text("passwordHash");
    if (username.isEmpty() || username.length() > 65_535) {
      throw new InvalidItem("a username has 1 to 65535 bytes");
    }
    if (!Passwords.looksLikeHash(hash)) {
      throw new InvalidItem(
          "the passwordHash of '%s' does not begin with $argon2id$; 'relais passwd' makes such ones"
              .formatted(username));
    }
    List<String> groups = from.texts("groups");
    String wrong = Groups.problem(groups);
    if (wrong != null) {
      throw new InvalidItem("the list groups of '%s' %s".formatted(username, wrong));
    }
    return new StoredItem.User(username, hash, groups);
  }

  private static StoredItem document(Fields from) throws InvalidItem {
    String collection = from.text("collection");
    String id = from.text("id");
    if (collection.isEmpty() || id.isEmpty()) {
      throw new InvalidItem("a document has a collection and an id");
    }
    return new StoredItem.Document(collection, id, from.text("content"));
  }

  private static StoredItem.QueueBounds bounds(Fields from) throws InvalidItem {
    return new StoredItem.QueueBounds(
        from.number("queue", 1), from.number("head", 0), from.number("next", 0));
  }

  private static SubscriptionFilter filter(Fields from) throws InvalidItem {
    return filter(from.text("filter"));
  }

  private static SubscriptionFilter filter(String text) throws InvalidItem {
    try {
      return SubscriptionFilter.parse(text);
    } catch (MalformedPacket e) {
      throw new InvalidItem("'%s' is no filter: %s".formatted(text, e.getMessage()));
    }
  }

  private static StoredItem session(Fields from) throws InvalidItem {
    Fields will = from.objectOrNull("will");
    Command.StoredWill stored = null;
    if (will != null) {
      stored =
          new Command.StoredWill(
              message(will), will.number("delaySeconds", 0), will.numberOr("expirySeconds", -1));
      will.end();
    }
    List<StoredItem.Subscription> subscriptions = new ArrayList<>();
    for (Fields one : from.objects("subscriptions")) {
      subscriptions.add(
          new StoredItem.Subscription(
              new StoredSubscription(
                  filter(one),
                  one.small("qos", 0, 2),
                  one.is("noLocal"),
                  one.is("retainAsPublished"),
                  one.smallOr("retainHandling", 2),
                  one.smallOr("id", 268_435_455)),
              one.textOrNull("owedAfter")));
      one.end();
    }
    return new StoredItem.Session(
        from.text("clientId"),
        from.is("persistent"),
        bounds(from),
        from.number("epoch", 1),
        from.textOrNull("node"),
        from.numberOr("incarnation", 0),
        from.numberOr("expirySeconds", Command.NEVER),
        from.small("window", 1, 65_535),
        from.numberOr("sentBelow", 0),
        from.is("deferred"),
        from.is("ended"),
        stored,
        scheduled(from.objectOrNull("willAt")),
        scheduled(from.objectOrNull("endAt")),
        subscriptions,
        from.smalls("receivedIds", 65_535));
  }

  private static StoredItem.@Nullable Scheduled scheduled(@Nullable Fields from)
      throws InvalidItem {
    if (from == null) {
      return null;
    }
    var scheduled = new StoredItem.Scheduled(from.number("atMillis", 0), from.number("number", 1));
    from.end();
    return scheduled;
  }

  private static StoredItem entry(Fields from) throws InvalidItem {
    String origin = from.textOrNull("from");
    boolean isShared = from.has("message");
    return new StoredItem.Entry(
        from.number("queue", 1),
        from.number("sequence", 0),
        from.small("qos", 1, 2),
        from.is("retain"),
        from.smalls("subscriptionIds", 268_435_455).stream().mapToInt(Integer::intValue).toArray(),
        from.is("released"),
        origin == null ? null : filter(origin),
        isShared ? from.number("message", 1) : 0,
        isShared ? null : message(from));
  }

  private static StoredItem retained(Fields from) throws InvalidItem {
    boolean isShared = from.has("message");
    return new StoredItem.Retained(
        from.text("topic"),
        from.number("storedAtMillis", 0),
        isShared ? from.number("message", 1) : 0,
        isShared ? null : message(from),
        from.numberOr("expiryNumber", 0));
  }

  private static Message message(Fields from) throws InvalidItem {
    String topic = from.text("topic");
    String problem = Topics.problemWithName(topic);
    if (problem != null) {
      throw new InvalidItem("'%s' is no topic: %s".formatted(topic, problem));
    }
    String payload = from.text("payload");
    String encoding = from.textOrNull("encoding");
    byte[] bytes =
        switch (encoding == null ? "text" : encoding) {
          case "text" -> payload.getBytes(StandardCharsets.UTF_8);
          case "base64" -> base64(payload, "payload");
          default ->
              throw new InvalidItem("encoding is '%s'; it is text or base64".formatted(encoding));
        };
    String properties = from.textOrNull("encodedProperties");
    return new Message(
        topic,
        topic.getBytes(StandardCharsets.UTF_8),
        bytes,
        properties == null ? new byte[0] : base64(properties, "encodedProperties"),
        from.small("messageQos", 0, 2),
        from.is("messageRetain"),
        from.numberOr("expiresAtMillis", 0),
        from.textOrNull("publisher"));
  }

  private static byte[] base64(String text, String name) throws InvalidItem {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidItem(name + " is no base64: " + e.getMessage());
    }
  }
}
