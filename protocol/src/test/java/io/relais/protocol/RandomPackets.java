package io.relais.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes packets that are allowed in a version and from a sender, of any type and with any of the
/// properties that may stand in them.
///
/// Owner: the test that made it.
public final class RandomPackets {
  private static final String[] CHARACTERS = {
    "a", "b", "Z", "0", "/", "$", " ", "é", "\u07FF", "日", "\uFEFF", "\uFFFF", "😀"
  };

  private final Random random;
  private final ProtocolVersion version;
  private final Sender sender;

  public RandomPackets(Random random, ProtocolVersion version, Sender sender) {
    this.random = random;
    this.version = version;
    this.sender = sender;
  }

  public static <T> T oneOf(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  public Packet next() {
    while (true) {
      Packet packet = of(oneOf(random, PacketType.values()));
      if (packet != null) {
        return packet;
      }
    }
  }

  /// Null where this sender sends none in this version.
  private @Nullable Packet of(PacketType type) {
    boolean client = sender == Sender.CLIENT;
    return switch (type) {
      case CONNECT -> client ? connect() : null;
      case CONNACK -> client ? null : connack();
      case PUBLISH -> publish();
      case PUBACK -> new Packet.Puback(id(), ackReason(type), properties(type));
      case PUBREC -> new Packet.Pubrec(id(), ackReason(type), properties(type));
      case PUBREL -> new Packet.Pubrel(id(), ackReason(type), properties(type));
      case PUBCOMP -> new Packet.Pubcomp(id(), ackReason(type), properties(type));
      case SUBSCRIBE ->
          client ? new Packet.Subscribe(id(), properties(type), some(this::subscription)) : null;
      case SUBACK -> client ? null : new Packet.Suback(id(), properties(type), some(this::granted));
      case UNSUBSCRIBE ->
          client ? new Packet.Unsubscribe(id(), properties(type), some(this::text)) : null;
      case UNSUBACK ->
          client
              ? null
              : new Packet.Unsuback(
                  id(), properties(type), version.isV5() ? some(() -> reason(type)) : List.of());
      case PINGREQ -> client ? new Packet.Pingreq() : null;
      case PINGRESP -> client ? null : new Packet.Pingresp();
      case DISCONNECT -> client || version.isV5() ? disconnect() : null;
      case AUTH -> version.isV5() ? auth() : null;
    };
  }

  private Packet.Connect connect() {
    boolean clean = random.nextBoolean();
    String id = text();
    if (id.isEmpty() && !version.isV5()) {
      id = "c";
    }
    String username = random.nextBoolean() ? text() : null;
    boolean withPassword = random.nextBoolean() && (username != null || version.isV5());
    boolean bridge = !version.isV5() && random.nextInt(4) == 0;
    Packet.Will will = random.nextBoolean() ? will() : null;
    byte[] password = withPassword ? bytes(20) : null;
    return new Packet.Connect(
        version,
        bridge,
        clean,
        random.nextInt(0x10000),
        properties(PacketType.CONNECT),
        id,
        will,
        username,
        password);
  }

  private Packet.Will will() {
    return new Packet.Will(
        topic(),
        bytes(50),
        random.nextInt(3),
        random.nextBoolean(),
        version.isV5()
            ? properties(Property::mayStandInWill, PacketType.CONNECT)
            : Properties.NONE);
  }

  private Packet.Connack connack() {
    ReasonCode reason = reason(PacketType.CONNACK);
    if (!version.isV5()) {
      reason =
          Stream.of(ReasonCode.values())
              .filter(r -> r == ReasonCode.ofConnackV3(Math.max(0, r.connackCodeV3())))
              .skip(random.nextInt(6))
              .findFirst()
              .orElse(ReasonCode.SUCCESS);
    }
    boolean present =
        reason == ReasonCode.SUCCESS && version != ProtocolVersion.MQTT_3_1 && random.nextBoolean();
    return new Packet.Connack(present, reason, properties(PacketType.CONNACK));
  }

  public Packet.Publish publish() {
    int qos = random.nextInt(3);
    boolean dup = (qos > 0 || version == ProtocolVersion.MQTT_3_1) && random.nextBoolean();
    Properties properties = properties(PacketType.PUBLISH);
    String topic = properties.has(Property.TOPIC_ALIAS) && random.nextBoolean() ? "" : topic();
    byte[] payload = bytes(random.nextInt(10) == 0 ? 40_000 : 200);
    return new Packet.Publish(
        dup, qos, random.nextBoolean(), topic, qos == 0 ? 0 : id(), properties, payload);
  }

  private Packet.Subscription subscription() {
    String filter = text();
    int qos = random.nextInt(3);
    return version.isV5()
        ? new Packet.Subscription(
            filter, qos, random.nextBoolean(), random.nextBoolean(), random.nextInt(3))
        : new Packet.Subscription(filter, qos, false, false, 0);
  }

  private Packet.Disconnect disconnect() {
    if (!version.isV5()) {
      return new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE);
    }
    ReasonCode reason = reason(PacketType.DISCONNECT);
    if (reason == ReasonCode.DISCONNECT_WITH_WILL && sender == Sender.SERVER) {
      reason = ReasonCode.SUCCESS;
    }
    return new Packet.Disconnect(reason, properties(PacketType.DISCONNECT));
  }

  private Packet.Auth auth() {
    ReasonCode own = sender == Sender.CLIENT ? ReasonCode.REAUTHENTICATE : ReasonCode.SUCCESS;
    ReasonCode reason = random.nextBoolean() ? own : ReasonCode.CONTINUE_AUTHENTICATION;
    if (reason == ReasonCode.SUCCESS && random.nextBoolean()) {
      return new Packet.Auth(reason, Properties.NONE);
    }
    Properties properties = properties(PacketType.AUTH);
    while (!properties.has(Property.AUTHENTICATION_METHOD)) {
      properties = properties(PacketType.AUTH);
    }
    return new Packet.Auth(reason, properties);
  }

  private ReasonCode granted() {
    ReasonCode reason = reason(PacketType.SUBACK);
    return switch (version) {
      case MQTT_5 -> reason;
      case MQTT_3_1_1 -> reason.isError() ? ReasonCode.UNSPECIFIED_ERROR : reason;
      case MQTT_3_1 -> ReasonCode.granted(random.nextInt(3));
    };
  }

  private ReasonCode ackReason(PacketType type) {
    return version.isV5() && random.nextBoolean() ? reason(type) : ReasonCode.SUCCESS;
  }

  private ReasonCode reason(PacketType type) {
    while (true) {
      ReasonCode reason = oneOf(random, ReasonCode.values());
      if (reason.mayStandIn(type)) {
        return reason;
      }
    }
  }

  private Properties properties(PacketType type) {
    return version.isV5() ? properties(p -> p.mayStandIn(type), type) : Properties.NONE;
  }

  private Properties properties(Predicate<Property> allowed, PacketType type) {
    if (random.nextInt(3) == 0) {
      return Properties.NONE;
    }
    List<Properties.Entry> entries = new ArrayList<>();
    boolean method = false;
    for (Property property : Property.values()) {
      boolean repeats =
          property == Property.USER_PROPERTY
              || (property == Property.SUBSCRIPTION_IDENTIFIER && type == PacketType.PUBLISH);
      int times = random.nextInt(repeats ? 4 : 2);
      if (!allowed.test(property)
          || isOfOtherSide(property, type)
          || (property == Property.AUTHENTICATION_DATA && !method)) {
        continue;
      }
      method |= property == Property.AUTHENTICATION_METHOD && times > 0;
      for (int i = 0; i < times; i++) {
        entries.add(new Properties.Entry(property, value(property)));
      }
    }
    if (random.nextBoolean()) {
      entries = entries.reversed();
    }
    return Properties.of(entries);
  }

  private boolean isOfOtherSide(Property property, PacketType type) {
    return switch (property) {
      case SUBSCRIPTION_IDENTIFIER -> type == PacketType.PUBLISH && sender == Sender.CLIENT;
      case SESSION_EXPIRY_INTERVAL -> type == PacketType.DISCONNECT && sender == Sender.SERVER;
      case SERVER_REFERENCE -> sender == Sender.CLIENT;
      default -> false;
    };
  }

  private Object value(Property property) {
    return switch (property.kind()) {
      case BYTE -> random.nextInt(2);
      case TWO_BYTES -> id();
      case FOUR_BYTES -> 1 + (random.nextLong() & 0x7FFFFFFFL) * 2;
      case VARIABLE -> 1 + (random.nextInt(268_435_455) >> random.nextInt(28));
      case STRING -> property == Property.RESPONSE_TOPIC ? topic() : text();
      case BINARY -> bytes(30);
      case STRING_PAIR -> new Properties.UserProperty(text(), text());
    };
  }

  private int id() {
    return 1 + random.nextInt(0xFFFF);
  }

  private <T> List<T> some(Supplier<T> element) {
    return Stream.generate(element).limit(1 + random.nextInt(4)).toList();
  }

  private String topic() {
    return "t" + text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append(oneOf(random, CHARACTERS));
    }
    return text.toString();
  }

  private byte[] bytes(int most) {
    byte[] bytes = new byte[random.nextInt(most + 1)];
    random.nextBytes(bytes);
    return bytes;
  }
}
