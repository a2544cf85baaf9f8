package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.BAD_USER_NAME_OR_PASSWORD;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.protocol.ReasonCode.SUCCESS;
import static io.relais.systemtests.access.PrefixPolicy.BOBS;
import static io.relais.systemtests.access.PrefixPolicy.DENIED;
import static io.relais.systemtests.access.PrefixPolicy.LATER;
import static io.relais.systemtests.access.PrefixPolicy.UNSEEN;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.Policy.Verdict;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a policy denies, allows, or decides later.
class AccessPolicyTest {
  private static final PrefixPolicy POLICY = new PrefixPolicy();
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start(List.of(new ChallengeSource()), POLICY);
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void begin() {
    clients = new Clients(relais);
  }

  @AfterEach
  void end() {
    clients.close();
  }

  /// A topic that begins in a way that [PrefixPolicy] knows.
  private String topic(String prefix) {
    return prefix + "/" + clients.topic();
  }

  private static void awaitQuestion(String about) {
    assertThat(POLICY.asked(about)).succeedsWithin(Duration.ofSeconds(5));
  }

  // Connecting

  @EachVersion
  @Conforms({"MQTT-3.1.4-2", "MQTT-3.2.2-7", "v3:MQTT-3.2.2-5"})
  void a_client_that_may_not_connect_is_refused(ProtocolVersion version) {
    MqttSocket socket = clients.open(version);

    socket.sendConnect(DENIED + clients.id(), how -> how);

    assertThat(socket.expectRefused(NOT_AUTHORIZED)).isEqualTo(NOT_AUTHORIZED);
  }

  @EachVersion
  void a_client_may_connect_once_the_late_answer_is_there(ProtocolVersion version) {
    String id = LATER + clients.id();
    MqttSocket socket = clients.open(version);
    socket.sendConnect(id, how -> how).sendPing();
    awaitQuestion(id);

    POLICY.answer(id, Verdict.ALLOW);

    assertThat(socket.expect(Packet.Connack.class).reason()).isEqualTo(SUCCESS);
    socket.expect(Packet.Pingresp.class);
  }

  @EachVersion
  void a_late_no_to_a_connect_is_a_refusal(ProtocolVersion version) {
    String id = LATER + clients.id();
    MqttSocket socket = clients.open(version);
    socket.sendConnect(id, how -> how);
    awaitQuestion(id);

    POLICY.answer(id, Verdict.DENY);

    assertThat(socket.expectRefused(NOT_AUTHORIZED)).isEqualTo(NOT_AUTHORIZED);
  }

  @EachVersion
  void a_session_is_not_touched_by_a_client_with_a_wrong_password(ProtocolVersion version) {
    String id = clients.id();
    String topic = clients.topic();
    MqttSocket owner = clients.open(version);
    owner.connect(id, how -> how.username("alice").password(ChallengeSource.PASSWORD));
    owner.subscribe(topic, 1);

    MqttSocket thief = clients.open(version);
    thief.sendConnect(id, how -> how.username("alice").password("wrong"));

    thief.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);
    owner.publish(topic, "still here", 1);
    assertThat(text(owner.receive())).isEqualTo("still here");
  }

  @EachVersion
  @Conforms({"MQTT-3.1.4-2", "MQTT-3.2.2-6", "v3:MQTT-3.2.2-4", "MQTT-3.2.2-7", "v3:MQTT-3.2.2-5"})
  void a_refusal_tells_nothing_of_the_session(ProtocolVersion version) {
    String id = clients.id();
    MqttSocket owner = clients.open(version);
    owner.connect(id, how -> how.persistent().username("alice").password(ChallengeSource.PASSWORD));
    owner.disconnect();

    MqttSocket thief = clients.open(version);
    thief.sendConnect(id, how -> how.persistent().username("alice").password("wrong"));

    Packet.Connack connack = thief.expect(Packet.Connack.class);
    assertThat(connack.sessionPresent()).isFalse();
    assertThat(connack.reason()).isIn(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);
    thief.expectClosed();
  }

  @EachVersion
  void credentials_that_no_source_knows_are_refused(ProtocolVersion version) {
    MqttSocket socket = clients.open(version);

    socket.sendConnect(clients.id(), how -> how.username("mallory").password("any"));

    assertThat(socket.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED)).isNotNull();
  }

  @EachVersion
  void the_policy_knows_the_name_that_was_authenticated(ProtocolVersion version) {
    String topic = topic(BOBS);
    MqttSocket bob =
        clients.connected(version, how -> how.username("bob").password(ChallengeSource.PASSWORD));
    bob.subscribe(topic, 1);
    MqttSocket alice =
        clients.connected(version, how -> how.username("alice").password(ChallengeSource.PASSWORD));

    alice.sendPublish(topic, "from alice", 0, 0);
    alice.expectSilence();
    bob.publish(topic, "from bob", 1);

    assertThat(text(bob.receive())).isEqualTo("from bob");
  }

  // Publishing

  @EachVersion
  @Conforms({"v3:MQTT-3.3.5-2", "MQIsdp-23"})
  void a_denied_publish_of_qos_0_goes_nowhere(ProtocolVersion version) {
    String topic = topic(DENIED);
    MqttSocket all = clients.connected(version).subscribe("+/" + below(topic), 0);
    MqttSocket publisher = clients.connected(version);

    publisher.sendPublish(topic, "no", 0, 0);

    all.expectNothingFrom(publisher);
    publisher.expectSilence();
  }

  /// What stands behind the first level.
  private static String below(String topic) {
    return topic.substring(topic.indexOf('/') + 1);
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.3.5-2", "MQIsdp-23"})
  void a_denied_publish_of_qos_1_is_acknowledged_and_goes_nowhere(ProtocolVersion version) {
    String topic = topic(DENIED);
    MqttSocket all = clients.connected(version).subscribe("+/" + below(topic), 1);
    MqttSocket publisher = clients.connected(version);

    publisher.sendPublish(topic, "no", 1, 7);

    Packet.Puback puback = publisher.expect(Packet.Puback.class);
    assertThat(puback.packetId()).isEqualTo(7);
    assertThat(puback.reason()).isEqualTo(version.isV5() ? NOT_AUTHORIZED : SUCCESS);
    all.expectNothingFrom(publisher);
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.3.5-2", "MQIsdp-23"})
  void a_denied_publish_of_qos_2_is_acknowledged_and_goes_nowhere(ProtocolVersion version) {
    String topic = topic(DENIED);
    MqttSocket all = clients.connected(version).subscribe("+/" + below(topic), 2);
    MqttSocket publisher = clients.connected(version);

    publisher.sendPublish(topic, "no", 2, 7);

    Packet.Pubrec pubrec = publisher.expect(Packet.Pubrec.class);
    assertThat(pubrec.packetId()).isEqualTo(7);
    assertThat(pubrec.reason()).isEqualTo(version.isV5() ? NOT_AUTHORIZED : SUCCESS);
    if (!version.isV5()) {
      publisher.sendPubrel(7);
      publisher.expectAck(PacketType.PUBCOMP, 7);
    }
    all.expectNothingFrom(publisher);
  }

  @EachVersion
  void a_denied_message_is_not_retained(ProtocolVersion version) {
    String topic = topic(DENIED);
    clients
        .connected(version)
        .send(new Packet.Publish(false, 0, true, topic, 0, Properties.NONE, new byte[] {1}))
        .expectSilence();

    MqttSocket later = clients.connected(version).subscribe("+/" + below(topic), 1);

    later.expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  void a_will_that_its_client_may_not_publish_goes_nowhere(ProtocolVersion version) {
    String denied = topic(DENIED);
    String allowed = clients.topic();
    MqttSocket all =
        clients.connected(version).subscribe("+/" + below(denied), 1).subscribe(allowed, 1);
    String id = clients.id();
    MqttSocket dying = clients.open(version);
    dying.sendConnect(id, how -> how.will(denied, "no", 1, true));
    // Refusing the CONNECT is as good as dropping the will.
    if (dying.expect(Packet.Connack.class).reason() == SUCCESS) {
      dying.cut();
    }
    MqttSocket next = clients.open(version);
    next.connect(id, how -> how.will(allowed, "yes", 1, false));

    next.cut();

    assertThat(text(all.receive())).isEqualTo("yes");
    clients
        .connected(version)
        .subscribe("+/" + below(denied), 1)
        .expectNothingRetained(clients.connected(version));
  }

  @EachVersion
  void a_late_answer_keeps_acks_and_messages_in_order(ProtocolVersion version) {
    String late = topic(LATER);
    String now = "now/" + below(late);
    MqttSocket subscriber = clients.connected(version).subscribe("+/" + below(late), 1);
    MqttSocket publisher = clients.connected(version);
    publisher.sendTogether(
        MqttSocket.publishing(now, "1", 1, 1),
        MqttSocket.publishing(late, "2", 1, 2),
        MqttSocket.publishing(now, "3", 1, 3),
        MqttSocket.publishing(late, "4", 1, 4),
        MqttSocket.publishing(now, "5", 1, 5));
    awaitQuestion(late);

    POLICY.answer(late, Verdict.ALLOW);

    for (int i = 1; i <= 5; i++) {
      publisher.expectAck(PacketType.PUBACK, i);
    }
    for (int i = 1; i <= 5; i++) {
      assertThat(text(subscriber.receive())).isEqualTo("" + i);
    }
  }

  @EachVersion
  void a_late_answer_to_each_qos_lets_the_message_through(ProtocolVersion version) {
    for (int qos = 0; qos <= 2; qos++) {
      String late = topic(LATER);
      MqttSocket subscriber = clients.connected(version).subscribe("+/" + below(late), 2);
      MqttSocket publisher = clients.connected(version);
      publisher.sendPublish(late, "late", qos, qos == 0 ? 0 : 9);
      awaitQuestion(late);
      subscriber.expectSilence();

      POLICY.answer(late, Verdict.ALLOW);

      if (qos == 1) {
        publisher.expectAck(PacketType.PUBACK, 9);
      } else if (qos == 2) {
        publisher.expectAck(PacketType.PUBREC, 9);
        publisher.sendPubrel(9);
        publisher.expectAck(PacketType.PUBCOMP, 9);
      }
      Packet.Publish message = subscriber.receive();
      assertThat(text(message)).isEqualTo("late");
      assertThat(message.qos()).isEqualTo(qos);
    }
  }

  @Test
  void what_a_publish_asks_of_its_ack_is_remembered_until_a_late_answer() {
    String late = topic(LATER);
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.sendTogether(
        publishing(late, 1, Properties.builder().addUser("relais-ack", "?").build()),
        publishing(late, 2, Properties.NONE));
    awaitQuestion(late);

    POLICY.answer(late, Verdict.ALLOW);

    Packet.Puback first = publisher.expect(Packet.Puback.class);
    Packet.Puback second = publisher.expect(Packet.Puback.class);
    assertThat(first.properties().userProperties())
        .containsExactly(new Properties.UserProperty("relais-ack", "received"));
    assertThat(second.properties().userProperties()).isEmpty();
  }

  private static Packet.Publish publishing(String topic, int packetId, Properties properties) {
    return new Packet.Publish(false, 1, false, topic, packetId, properties, new byte[] {1});
  }

  @EachVersion
  void a_late_no_stops_one_message_and_not_those_behind_it(ProtocolVersion version) {
    String late = topic(LATER);
    String now = "now/" + below(late);
    MqttSocket subscriber = clients.connected(version).subscribe("+/" + below(late), 1);
    MqttSocket publisher = clients.connected(version);
    publisher.sendTogether(
        MqttSocket.publishing(late, "no", 1, 1), MqttSocket.publishing(now, "yes", 1, 2));
    awaitQuestion(late);

    POLICY.answer(late, Verdict.DENY);

    Packet.Puback puback = publisher.expect(Packet.Puback.class);
    assertThat(puback.packetId()).isEqualTo(1);
    assertThat(puback.reason()).isEqualTo(version.isV5() ? NOT_AUTHORIZED : SUCCESS);
    publisher.expectAck(PacketType.PUBACK, 2);
    assertThat(text(subscriber.receive())).isEqualTo("yes");
  }

  @EachVersion
  void an_answer_for_a_client_that_has_gone_meanwhile_changes_nothing(ProtocolVersion version) {
    String late = topic(LATER);
    String gone = clients.topic();
    MqttSocket subscriber =
        clients.connected(version).subscribe("+/" + below(late), 1).subscribe(gone, 1);
    MqttSocket publisher = clients.connected(version, how -> how.will(gone, "gone", 1, false));
    publisher.sendPublish(late, "too late", 1, 1);
    awaitQuestion(late);
    publisher.cut();

    // While the broker waits for the verdict it need not read, so it may see the end only now.
    POLICY.answer(late, Verdict.DENY);

    assertThat(text(subscriber.receive())).isEqualTo("gone");
    subscriber.expectNothingFrom(clients.connected(version));
  }

  // Subscribing

  @EachVersion
  @Conforms("MQIsdp-5")
  void a_denied_filter_gets_nothing(ProtocolVersion version) {
    String topic = topic(DENIED);
    MqttSocket keeper = clients.connected(version);
    MqttSocket socket = clients.connected(version);

    ReasonCode reason =
        socket.suback(Properties.NONE, subscription(topic + "/#", 1)).reasons().getFirst();

    assertThat(reason.isError()).isEqualTo(version != MQTT_3_1);
    socket.expectNothingFrom(keeper);
    assertThat(socket.unsubscribe(topic + "/#").reasons())
        .isEqualTo(version.isV5() ? List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED) : List.of());
  }

  @Test
  void a_shared_filter_is_judged_without_its_group() {
    MqttSocket socket = clients.connected(MQTT_5);

    Packet.Suback suback =
        socket.suback(
            Properties.NONE,
            subscription("$share/g/" + topic(DENIED), 1),
            subscription("$share/denied/" + clients.topic(), 1));

    assertThat(suback.reasons()).containsExactly(NOT_AUTHORIZED, ReasonCode.GRANTED_QOS_1);
  }

  @EachVersion
  void a_late_answer_to_a_subscribe_comes_before_what_was_sent_behind_it(ProtocolVersion version) {
    String late = topic(LATER);
    MqttSocket socket = clients.connected(version);
    socket.sendTogether(
        new Packet.Subscribe(
            5,
            Properties.NONE,
            List.of(subscription(late + "/#", 1), subscription(topic(DENIED), 1))),
        MqttSocket.publishing("now/" + late, "behind", 1, 6),
        new Packet.Pingreq());
    awaitQuestion(late + "/#");

    POLICY.answer(late + "/#", Verdict.ALLOW);

    Packet.Suback suback = socket.expect(Packet.Suback.class);
    assertThat(suback.packetId()).isEqualTo(5);
    assertThat(suback.reasons().getFirst()).isEqualTo(ReasonCode.GRANTED_QOS_1);
    assertThat(suback.reasons().get(1).isError()).isEqualTo(version != MQTT_3_1);
    socket.expectAck(PacketType.PUBACK, 6);
    socket.expect(Packet.Pingresp.class);
  }

  // Delivery

  @EachVersion
  void what_a_client_may_not_receive_is_left_out_and_the_rest_arrives(ProtocolVersion version) {
    String unseen = topic(UNSEEN);
    String seen = "seen/" + below(unseen);
    MqttSocket subscriber = clients.connected(version).subscribe("+/" + below(unseen), 2);
    MqttSocket publisher = clients.connected(version);

    for (int qos = 0; qos <= 2; qos++) {
      publisher.publish(unseen, "no", qos).publish(seen, "yes " + qos, qos);
    }

    for (int qos = 0; qos <= 2; qos++) {
      assertThat(text(subscriber.receive())).isEqualTo("yes " + qos);
    }
    subscriber.expectNothingFrom(publisher);
  }

  @EachVersion
  void what_waited_in_a_session_is_checked_too(ProtocolVersion version) {
    String unseen = topic(UNSEEN);
    String seen = "seen/" + below(unseen);
    String id = clients.id();
    MqttSocket before = clients.open(version);
    before.connect(id, how -> how.persistent());
    before.subscribe("+/" + below(unseen), 1).disconnect();
    clients.connected(version).publish(unseen, "no", 1).publish(seen, "yes", 1);

    MqttSocket back = clients.open(version);
    back.connect(id, how -> how.persistent());

    assertThat(text(back.receive())).isEqualTo("yes");
    back.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  void a_retained_message_that_a_client_may_not_receive_is_left_out(ProtocolVersion version) {
    String unseen = topic(UNSEEN);
    String seen = "seen/" + below(unseen);
    MqttSocket publisher =
        clients.connected(version).publishRetained(unseen, "no", 1).publishRetained(seen, "yes", 1);

    MqttSocket subscriber = clients.connected(version).subscribe("+/" + below(unseen), 1);

    assertThat(text(subscriber.receive())).isEqualTo("yes");
    subscriber.expectNothingRetained(publisher);
  }
}
