package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.Counter;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.EachVersion;
import io.relais.testkit.Link;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// When acknowledgements leave and what they say: levels by configuration, and `relais-ack`.
///
/// Whether an ack waited for the store shows when a PINGREQ comes along with the PUBLISH: the
/// answer of the store cannot arrive before both were read, so an ack that waits for it leaves
/// behind the PINGRESP, and any other before it.
class AckLevelTest {
  private static final Packet PING = new Packet.Pingreq();

  /// Where the state is, and what acks may say there of a message that is kept.
  enum Store {
    MEMORY("received"),
    DISK("persisted");

    final String most;

    Store(String most) {
      this.most = most;
    }
  }

  @TempDir static Path folder;
  private static EmbeddedRelais inMemory;
  private static EmbeddedRelais onDisk;
  private Clients clients;
  private Clients diskClients;

  @BeforeAll
  static void start() {
    inMemory = start("store=memory");
    onDisk = start("store=disk", "data=" + folder);
  }

  /// Listeners 0 and 1 go by `mqtt.acknowledge`, 2 and 3 have levels of their own.
  private static EmbeddedRelais start(String... store) {
    List<String> settings = new ArrayList<>(List.of(store));
    settings.addAll(
        List.of(
            "mqtt.acknowledge-topics.0.filter=loose/strict/#",
            "mqtt.acknowledge-topics.0.level=persisted",
            "mqtt.acknowledge-topics.1.filter=loose/#",
            "mqtt.acknowledge-topics.1.level=received",
            "mqtt.acknowledge-topics.2.filter=loose/never/#",
            "mqtt.acknowledge-topics.2.level=persisted",
            "listeners.2.bind=127.0.0.1:0",
            "listeners.2.acknowledge=received",
            "listeners.3.bind=127.0.0.1:0",
            "listeners.3.acknowledge=replicated",
            "limits.receive-maximum=4",
            "limits.queue-messages=2",
            "limits.queue-full=reject"));
    return EmbeddedRelais.start(settings.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    inMemory.close();
    onDisk.close();
  }

  @BeforeEach
  void begin() {
    clients = new Clients(inMemory);
    diskClients = new Clients(onDisk);
  }

  @AfterEach
  void end() {
    clients.close();
    diskClients.close();
  }

  private Clients clients(Store store) {
    return switch (store) {
      case MEMORY -> clients;
      case DISK -> diskClients;
    };
  }

  // What the ack says

  @ParameterizedTest
  @EnumSource
  void the_ack_of_a_kept_message_says_what_the_store_gives(Store store) {
    Clients here = clients(store);
    String kept = here.topic();
    here.connected(MQTT_5, how -> how.persistent()).subscribe(kept, 2);
    MqttSocket publisher = here.connected(MQTT_5);

    for (String asked : List.of("received", "persisted", "replicated", "?", "", "Persisted", "x")) {
      String retained = here.topic();
      assertThat(level(publisher, asking(retained, 1, true, asked)))
          .as("retained, asking for '%s'", asked)
          .isEqualTo(store.most);
      publisher.publishRetained(retained, "", 0);
    }
    assertThat(level(publisher, asking(kept, 1, false, "?"))).isEqualTo(store.most);
    assertThat(level(publisher, asking(kept, 2, false, "?"))).isEqualTo(store.most);
    assertThat(level(publisher, asking("$delayed/3600/" + kept, 1, false, "?")))
        .isEqualTo(store.most);
    assertThat(level(publisher, asking("$delayed/3600/" + kept, 2, false, "?")))
        .isEqualTo(store.most);
  }

  @ParameterizedTest
  @EnumSource
  void the_ack_of_a_message_that_nothing_keeps_says_received(Store store) {
    Clients here = clients(store);
    String topic = here.topic();
    here.connected(MQTT_5).subscribe(topic, 2);
    here.connected(MQTT_5, how -> how.persistent()).subscribe(topic + "/0", 0);
    MqttSocket passing = here.connected(MQTT_5);
    MqttSocket staying = here.connected(MQTT_5, how -> how.persistent());

    for (MqttSocket publisher : List.of(passing, staying)) {
      for (String to : List.of(topic, topic + "/0", here.topic())) {
        assertThat(level(publisher, asking(to, 1, false, "persisted"))).isEqualTo("received");
        assertThat(level(publisher, asking(to, 2, false, "persisted"))).isEqualTo("received");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_message_for_a_persistent_member_of_a_shared_group_is_kept(Store store) {
    Clients here = clients(store);
    String topic = here.topic();
    here.connected(MQTT_5, how -> how.persistent()).subscribe("$share/g/" + topic, 1);
    MqttSocket publisher = here.connected(MQTT_5);

    String said = level(publisher, asking(topic, 1, false, "?"));

    assertThat(said).isEqualTo(store.most);
  }

  @ParameterizedTest
  @EnumSource
  void what_was_acknowledged_ahead_of_the_store_says_received(Store store) {
    Clients here = clients(store);
    MqttSocket publisher = here.connected(MQTT_5);
    String topic = "loose/" + here.topic();

    assertThat(level(publisher, asking(topic, 1, true, "?"))).isEqualTo("received");
    assertThat(level(publisher, asking(topic, 2, true, "received"))).isEqualTo("received");
    assertThat(level(publisher, asking(topic, 1, true, "persisted"))).isEqualTo(store.most);
    assertThat(level(publisher, asking(topic, 2, true, "replicated"))).isEqualTo(store.most);
    assertThat(level(publisher, asking(topic, 1, true, "x", "persisted", "received")))
        .as("of several the highest counts")
        .isEqualTo(store.most);
  }

  @Test
  void who_does_not_ask_is_not_told() {
    MqttSocket publisher = clients.connected(MQTT_5);
    String topic = clients.topic();

    for (int qos = 1; qos <= 2; qos++) {
      assertThat(answer(publisher, publish(topic, qos, true, Properties.NONE)).userProperties())
          .isEmpty();
      Properties other = Properties.builder().addUser("relais-acknowledge", "?").build();
      assertThat(answer(publisher, publish(topic, qos, true, other)).userProperties()).isEmpty();
    }
  }

  @Test
  void who_wants_no_problem_information_is_not_told_and_the_level_holds_all_the_same() {
    MqttSocket publisher =
        clients.connected(MQTT_5, how -> how.property(Property.REQUEST_PROBLEM_INFORMATION, 0));
    String topic = "loose/" + clients.topic();

    assertThat(answer(publisher, asking(topic, 1, true, "?")).entries()).isEmpty();
    assertThat(answer(publisher, asking(topic, 2, true, "?")).entries()).isEmpty();

    waits(publisher, asking(topic, 1, true, "persisted"));
  }

  @EachVersion
  void the_property_reaches_subscribers_as_any_user_property_does(ProtocolVersion version) {
    String topic = clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 1);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.send(asking(topic, 0, false, "persisted"));
    answer(publisher, asking(topic, 1, false, "?"));

    Packet.Publish first = subscriber.receive();
    Packet.Publish second = subscriber.receive();
    assertThat(levels(first.properties()))
        .isEqualTo(version.isV5() ? List.of("persisted") : List.of());
    assertThat(levels(second.properties())).isEqualTo(version.isV5() ? List.of("?") : List.of());
    publisher.expectSilence(); // QoS 0 has no ack to say anything
  }

  @Test
  void a_refusal_says_no_level() {
    String topic = clients.topic();
    fill(topic);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.send(asking(topic, 1, false, "?"));

    Packet.Puback refusal = publisher.expect(Packet.Puback.class);
    assertThat(refusal.reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
    assertThat(refusal.properties().userProperties()).isEmpty();
  }

  // When it leaves

  @EachVersion
  void by_default_the_ack_of_a_kept_message_waits_for_the_store(ProtocolVersion version) {
    MqttSocket publisher = clients.connected(version);
    String topic = clients.topic();

    waits(publisher, publish(topic, 1, true, Properties.NONE));
    waits(publisher, publish(topic, 2, true, Properties.NONE));
    leavesAtOnce(publisher, publish(topic, 1, false, Properties.NONE));
    leavesAtOnce(publisher, publish(topic, 2, false, Properties.NONE));
  }

  @EachVersion
  void the_first_filter_that_matches_decides(ProtocolVersion version) {
    MqttSocket publisher = clients.connected(version);
    String topic = clients.topic();

    for (int qos = 1; qos <= 2; qos++) {
      leavesAtOnce(publisher, publish("loose/" + topic, qos, true, Properties.NONE));
      leavesAtOnce(publisher, publish("loose/never/" + topic, qos, true, Properties.NONE));
      waits(publisher, publish("loose/strict/" + topic, qos, true, Properties.NONE));
      leavesAtOnce(publisher, publish("$delayed/3600/loose/" + topic, qos, false, Properties.NONE));
      waits(publisher, publish("$delayed/3600/" + topic, qos, false, Properties.NONE));
    }
  }

  @EachVersion
  void a_filter_comes_before_the_listener_and_the_listener_before_the_rest(ProtocolVersion version)
      throws IOException {
    MqttSocket low = over(2, version);
    MqttSocket high = over(3, version);
    String topic = clients.topic();

    leavesAtOnce(low, publish(topic, 1, true, Properties.NONE));
    leavesAtOnce(low, publish(topic, 2, true, Properties.NONE));
    waits(low, publish("loose/strict/" + topic, 1, true, Properties.NONE));
    waits(high, publish(topic, 1, true, Properties.NONE));
    waits(high, publish(topic, 2, true, Properties.NONE));
    leavesAtOnce(high, publish("loose/" + topic, 1, true, Properties.NONE));
  }

  @Test
  void a_client_raises_the_level_and_cannot_lower_it() throws IOException {
    MqttSocket low = over(2, MQTT_5);
    MqttSocket usual = clients.connected(MQTT_5);
    String topic = clients.topic();

    for (int qos = 1; qos <= 2; qos++) {
      waits(low, asking(topic, qos, true, "persisted"));
      waits(low, asking(topic, qos, true, "replicated"));
      waits(low, asking("loose/" + topic, qos, true, "persisted"));
      leavesAtOnce(low, asking(topic, qos, true, "received"));
      leavesAtOnce(low, asking(topic, qos, true, "?"));
      leavesAtOnce(low, asking(topic, qos, true, "persisted!"));
      waits(usual, asking(topic, qos, true, "received"));
      waits(usual, asking(topic, qos, true, "?"));
      leavesAtOnce(usual, asking(topic, qos, false, "persisted"));
    }
  }

  @EachVersion
  void a_known_topic_keeps_its_level_when_subscriptions_change(ProtocolVersion version) {
    MqttSocket publisher = clients.connected(version);
    String topic = clients.topic();
    leavesAtOnce(publisher, publish("loose/" + topic, 1, true, Properties.NONE));
    waits(publisher, publish(topic, 1, true, Properties.NONE));

    clients.connected(version).subscribe("loose/" + topic, 1).subscribe(topic, 1);

    leavesAtOnce(publisher, publish("loose/" + topic, 1, true, Properties.NONE));
    waits(publisher, publish(topic, 1, true, Properties.NONE));
  }

  @EachVersion
  void an_ack_waits_for_those_before_it(ProtocolVersion version) {
    MqttSocket publisher = clients.connected(version);
    String strict = clients.topic();
    String loose = "loose/" + strict;

    publisher.sendTogether(
        retained(loose, 1, 1),
        retained(strict, 1, 2),
        retained(loose, 1, 3),
        retained(loose, 2, 4),
        PING);

    publisher.expectAck(PacketType.PUBACK, 1);
    publisher.expect(Packet.Pingresp.class);
    publisher.expectAck(PacketType.PUBACK, 2);
    publisher.expectAck(PacketType.PUBACK, 3);
    publisher.expectAck(PacketType.PUBREC, 4);
    publisher.sendPubrel(4);
    publisher.expectAck(PacketType.PUBCOMP, 4);
  }

  @Test
  void acks_that_wait_behind_another_count_against_the_receive_maximum() {
    MqttSocket publisher = clients.connected(MQTT_5);
    String strict = clients.topic();
    String loose = "loose/" + strict;

    publisher.sendTogether(
        retained(strict, 1, 1),
        retained(loose, 1, 2),
        MqttSocket.publishing(clients.topic(), "x", 1, 3),
        retained(loose, 1, 4),
        retained(loose, 1, 5));

    publisher.expectRefused(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
  }

  @Test
  void within_the_receive_maximum_a_client_goes_on_for_ever() {
    MqttSocket publisher = clients.connected(MQTT_5);
    String strict = clients.topic();
    String loose = "loose/" + strict;

    for (int round = 0; round < 50; round++) {
      publisher.sendTogether(
          retained(loose, 1, 1),
          retained(strict, 1, 2),
          retained(loose, 1, 3),
          MqttSocket.publishing(clients.topic(), "x", 1, 4));
      for (int id = 1; id <= 4; id++) {
        publisher.expectAck(PacketType.PUBACK, id);
      }
    }
    publisher.expectSilence();
  }

  @EachVersion
  void more_than_the_receive_maximum_ahead_of_the_store_is_read_when_it_has_room(
      ProtocolVersion version) {
    MqttSocket publisher = clients.connected(version);
    String topic = "loose/" + clients.topic();

    publisher.sendTogether(
        IntStream.rangeClosed(1, 500)
            .mapToObj(id -> retained(topic, 1, id))
            .toArray(Packet[]::new));

    for (int id = 1; id <= 500; id++) {
      publisher.expectAck(PacketType.PUBACK, id);
    }
    publisher.expectSilence();
  }

  // What becomes of the message

  @EachVersion
  void a_message_takes_the_same_way_at_every_level(ProtocolVersion version) {
    String topic = "loose/" + clients.topic();
    String id = clients.id();
    MqttSocket away = clients.open(version);
    away.connect(id, how -> how.persistent());
    away.subscribe(topic, 2).disconnect();
    MqttSocket passing = clients.connected(version).subscribe(topic, 2);
    MqttSocket publisher = clients.connected(version, how -> how.persistent());

    publisher.publish(topic, "first", 1).publish(topic, "second", 2);

    MqttSocket back = clients.open(version);
    back.connect(id, how -> how.persistent());
    for (MqttSocket subscriber : List.of(passing, back)) {
      assertThat(List.of(text(subscriber.receive()), text(subscriber.receive())))
          .containsExactlyInAnyOrder("first", "second");
      subscriber.expectSilence();
    }
  }

  @EachVersion
  void a_qos_2_message_sent_again_after_a_reconnection_comes_once(ProtocolVersion version) {
    String topic = "loose/" + clients.topic();
    MqttSocket subscriber = clients.connected(version).subscribe(topic, 2);
    String id = clients.id();
    MqttSocket before = clients.open(version);
    before.connect(id, how -> how.persistent());
    before.sendTogether(MqttSocket.publishing(topic, "once", 2, 7), PING);
    before.expectAck(PacketType.PUBREC, 7);
    before.expect(Packet.Pingresp.class);
    before.cut();

    MqttSocket after = clients.open(version);
    after.connect(id, how -> how.persistent());
    after.send(
        new Packet.Publish(true, 2, false, topic, 7, Properties.NONE, "once".getBytes(UTF_8)));
    after.expectAck(PacketType.PUBREC, 7);
    after.sendPubrel(7);
    after.expectAck(PacketType.PUBCOMP, 7);

    assertThat(text(subscriber.receive())).isEqualTo("once");
    subscriber.expectNothingFrom(after);
  }

  @EachVersion
  void what_the_store_refuses_after_its_ack_is_counted_as_dropped(ProtocolVersion version) {
    String topic = "loose/" + clients.topic();
    fill(topic);
    MqttSocket publisher = clients.connected(version, how -> how.persistent());
    long dropped = inMemory.count(Counter.DROPPED_QUEUE_FULL);

    publisher.publish(topic, "too many", 1).publish(topic, "too many", 2);
    publisher.publishRetained(clients.topic(), "", 1); // waits for the store behind them

    assertThat(inMemory.count(Counter.DROPPED_QUEUE_FULL) - dropped).isEqualTo(2);
    publisher.expectSilence();
  }

  /// An offline session whose queue has no room left.
  private void fill(String topic) {
    MqttSocket away = clients.connected(MQTT_3_1_1, how -> how.persistent()).subscribe(topic, 1);
    away.disconnect();
    clients.connected(MQTT_3_1_1).publish(topic, "1", 1).publish(topic, "2", 1);
  }

  private MqttSocket over(int listener, ProtocolVersion version) throws IOException {
    MqttSocket socket = clients.over(Link.tcp(inMemory.listener(listener)), version);
    socket.connect(clients.id());
    return socket;
  }

  private static Packet.Publish publish(
      String topic, int qos, boolean retain, Properties properties) {
    return new Packet.Publish(
        false, qos, retain, topic, qos == 0 ? 0 : 100 + qos, properties, "x".getBytes(UTF_8));
  }

  private static Packet.Publish retained(String topic, int qos, int packetId) {
    return new Packet.Publish(
        false, qos, true, topic, packetId, Properties.NONE, "x".getBytes(UTF_8));
  }

  private static Packet.Publish asking(String topic, int qos, boolean retain, String... levels) {
    Properties.Builder properties = Properties.builder().addUser("other", "persisted");
    for (String level : levels) {
      properties.addUser("relais-ack", level);
    }
    return publish(topic, qos, retain, properties.build());
  }

  private static String level(MqttSocket publisher, Packet.Publish publish) {
    List<String> levels = levels(answer(publisher, publish));
    assertThat(levels).hasSize(1);
    return levels.getFirst();
  }

  private static List<String> levels(Properties properties) {
    return properties.userProperties().stream()
        .filter(property -> property.name().equals("relais-ack"))
        .map(Properties.UserProperty::value)
        .toList();
  }

  /// The properties of the PUBACK or PUBREC; the exchange is completed.
  private static Properties answer(MqttSocket publisher, Packet.Publish publish) {
    publisher.send(publish);
    if (publish.qos() == 1) {
      Packet.Puback ack = publisher.expect(Packet.Puback.class);
      assertThat(ack.reason().isError()).isFalse();
      return ack.properties();
    }
    Packet.Pubrec ack = publisher.expect(Packet.Pubrec.class);
    assertThat(ack.reason().isError()).isFalse();
    complete(publisher, publish);
    return ack.properties();
  }

  private static void leavesAtOnce(MqttSocket publisher, Packet.Publish publish) {
    publisher.sendTogether(publish, PING);
    publisher.expectAck(firstAck(publish), publish.packetId());
    publisher.expect(Packet.Pingresp.class);
    complete(publisher, publish);
  }

  private static void waits(MqttSocket publisher, Packet.Publish publish) {
    publisher.sendTogether(publish, PING);
    publisher.expect(Packet.Pingresp.class);
    publisher.expectAck(firstAck(publish), publish.packetId());
    complete(publisher, publish);
  }

  private static PacketType firstAck(Packet.Publish publish) {
    return publish.qos() == 1 ? PacketType.PUBACK : PacketType.PUBREC;
  }

  private static void complete(MqttSocket publisher, Packet.Publish publish) {
    if (publish.qos() == 2) {
      publisher.sendPubrel(publish.packetId());
      publisher.expectAck(PacketType.PUBCOMP, publish.packetId());
    }
  }
}
