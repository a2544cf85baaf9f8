package io.relais.systemtests.queues;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.Counter;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a shared group with a persistent member is owed: its queue, one situation after the other.
class SharedQueueTest {
  private static final UnaryOperator<Connecting> PERSISTENT = Connecting::persistent;

  private EmbeddedRelais relais = EmbeddedRelais.start();
  private Clients clients = new Clients(relais);
  private String topic = clients.topic();
  private String group = "$share/g/" + topic;

  @AfterEach
  void close() {
    clients.close();
    relais.close();
  }

  private void with(String... settings) {
    close();
    relais = EmbeddedRelais.start(settings);
    clients = new Clients(relais);
    topic = clients.topic();
    group = "$share/g/" + topic;
  }

  /// The group has a queue, and nobody is connected.
  private String away() {
    String id = clients.id();
    MqttSocket member = clients.open(MQTT_5);
    member.connect(id, PERSISTENT);
    member.subscribe(group, 2).disconnect();
    return id;
  }

  private MqttSocket back(String id) {
    MqttSocket member = clients.open(MQTT_5);
    member.connect(id, PERSISTENT);
    return member;
  }

  /// A member with room for so many.
  private MqttSocket member(boolean persistent, int room, int qos) {
    MqttSocket member = clients.open(MQTT_5);
    member.connect(
        clients.id(),
        how -> {
          Connecting with = how.property(Property.RECEIVE_MAXIMUM, room);
          return persistent ? with.persistent() : with;
        });
    return member.subscribe(group, qos);
  }

  private void publish(int from, int to, int qos) {
    publish(from, to, qos, Properties.NONE);
  }

  private void publish(int from, int to, int qos, Properties properties) {
    MqttSocket publisher = clients.connected(MQTT_5);
    for (int i = from; i < to; i++) {
      publisher.publish(topic, "" + i, qos, false, properties);
    }
    publisher.disconnect();
  }

  private static List<String> numbers(int from, int to) {
    List<String> numbers = new ArrayList<>();
    for (int i = from; i < to; i++) {
      numbers.add("" + i);
    }
    return numbers;
  }

  private static List<String> receive(MqttSocket member, int count) {
    List<String> got = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      got.add(text(member.receive()));
    }
    return got;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void what_waits_for_a_group_that_is_away_goes_to_who_comes_first(int qos) {
    away();

    publish(0, 600, 2);

    MqttSocket comes = member(false, 20, qos);
    assertThat(receive(comes, 600)).isEqualTo(numbers(0, 600));
    comes.expectSilence();
  }

  @Test
  void a_persistent_member_without_qos_takes_its_part_too() {
    away();
    publish(0, 600, 1);

    MqttSocket comes = member(true, 20, 0);

    assertThat(receive(comes, 600)).isEqualTo(numbers(0, 600));
  }

  @Test
  void what_waits_is_read_to_its_end_when_pages_end_by_bytes() {
    String id = away();
    MqttSocket publisher = clients.connected(MQTT_5);
    String padding = " ".repeat(5_000);
    for (int i = 0; i < 700; i++) {
      publisher.publish(topic, i + padding, 1);
    }

    MqttSocket back = back(id);

    for (int i = 0; i < 700; i++) {
      assertThat(text(back.receive()).strip()).isEqualTo("" + i);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void what_a_member_that_is_cut_had_comes_to_another_before_what_came_later(boolean persistent) {
    MqttSocket lazy = member(persistent, 5, 1);
    String id = away();
    publish(0, 20, 1);
    for (int i = 0; i < 5; i++) {
      assertThat(text(lazy.expectPublish())).isEqualTo("" + i);
    }

    lazy.cut();
    MqttSocket back = back(id);

    List<String> got = receive(back, 20);
    assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(0, 20));
    assertThat(got.stream().filter(one -> Integer.parseInt(one) < 5)).isEqualTo(numbers(0, 5));
    publish(20, 21, 1);
    assertThat(text(back.receive())).isEqualTo("20");
  }

  @Test
  void what_returns_again_and_again_is_neither_lost_nor_doubled() {
    away();
    publish(0, 10, 1);
    for (int round = 0; round < 5; round++) {
      boolean persistent = round % 2 == 0;
      MqttSocket lazy = member(persistent, 10, 1);
      for (int i = 0; i < 10; i++) {
        assertThat(text(lazy.expectPublish())).isEqualTo("" + i);
      }
      if (persistent) {
        lazy.unsubscribe(group);
      }
      lazy.cut();
    }

    MqttSocket last = member(false, 3, 1);

    assertThat(receive(last, 10)).isEqualTo(numbers(0, 10));
    last.expectSilence();
  }

  @Test
  void what_a_session_had_that_is_taken_over_by_a_clean_start_goes_to_another() {
    String id = clients.id();
    MqttSocket lazy = clients.open(MQTT_5);
    lazy.connect(id, PERSISTENT);
    lazy.subscribe(group, 1);
    String other = away();
    publish(0, 5, 1);
    List<String> had = new ArrayList<>(); // by way of the other one, if that had not quite left
    for (int i = 0; i < 5; i++) {
      had.add(text(lazy.expectPublish()));
    }

    clients.open(MQTT_5).connect(id);

    assertThat(had).containsExactlyInAnyOrderElementsOf(numbers(0, 5));
    assertThat(receive(back(other), 5)).isEqualTo(had);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"round-robin", "random", "sticky", "hash-client", "hash-topic", "least-in-flight"})
  void a_member_that_acknowledges_nothing_does_not_stop_the_others(String policy) {
    with("mqtt.shared-subscription-policy=" + policy);
    group = "$share/g/" + topic + "/#";
    MqttSocket lazy = member(true, 5, 1);
    MqttSocket other = member(false, 5, 1);
    List<MqttSocket> publishers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      publishers.add(clients.connected(MQTT_5));
    }

    for (int i = 0; i < 320; i++) {
      publishers.get(i % 16).publish(topic + "/" + i % 64, "" + i, 1);
    }

    // Where topic or publisher decide, what is the lazy one's waits for it.
    List<String> got = receive(other, policy.startsWith("hash") ? 40 : 315);
    lazy.cut();
    got.addAll(receive(other, 320 - got.size()));
    assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(0, 320));
    other.expectSilence();
  }

  @Test
  void the_oldest_is_dropped_where_the_queue_of_a_group_is_full() {
    with("limits.queue-messages=5");
    String id = away();

    publish(0, 8, 1);

    assertThat(receive(back(id), 5)).isEqualTo(numbers(3, 8));
  }

  @Test
  void a_full_queue_of_a_group_refuses_where_it_is_told_to() {
    with("limits.queue-messages=5", "limits.queue-full=reject");
    String id = away();
    publish(0, 5, 1);
    MqttSocket publisher = clients.connected(MQTT_5);

    publisher.sendPublish(topic, "5", 1, 77);

    assertThat(publisher.expect(Packet.Puback.class).reason()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
    MqttSocket back = back(id);
    assertThat(receive(back, 5)).isEqualTo(numbers(0, 5));
    back.expectSilence();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void what_expired_in_the_queue_of_a_group_is_given_to_nobody(int qos) {
    away();
    publish(0, 300, 2, Properties.builder().add(Property.MESSAGE_EXPIRY_INTERVAL, 1L).build());
    clients.connected(MQTT_5).expectNothingFor(Duration.ofMillis(1_200));
    publish(300, 301, 2);

    MqttSocket one = member(false, 10, qos);

    assertThat(text(one.receive())).isEqualTo("300");
    one.expectSilence();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_member_gets_retain_and_identifier_as_it_asked(boolean persistent) {
    away();
    MqttSocket publisher = clients.connected(MQTT_5);
    publisher.publishRetained(topic, "x", 1);
    MqttSocket member =
        persistent ? clients.connected(MQTT_5, PERSISTENT) : clients.connected(MQTT_5);

    member.subscribe(
        Properties.builder().add(Property.SUBSCRIPTION_IDENTIFIER, 9).build(),
        new Packet.Subscription(group, 1, false, true, 0));

    Packet.Publish got = member.receive();
    assertThat(got.retain()).isTrue();
    assertThat(got.properties().intValue(Property.SUBSCRIPTION_IDENTIFIER, 0)).isEqualTo(9);
    member.subscribe(Properties.NONE, subscription(group, 1));
    publisher.publishRetained(topic, "y", 1);
    got = member.receive();
    assertThat(got.retain()).isFalse();
    assertThat(got.properties().intValue(Property.SUBSCRIPTION_IDENTIFIER, 0)).isZero();
  }

  @Test
  void what_waits_when_the_last_persistent_member_leaves_goes_to_the_others() {
    MqttSocket persistent = member(true, 1, 1);
    MqttSocket other = member(false, 1, 1);
    publish(0, 10, 1);
    String first = text(persistent.expectPublish());
    Packet.Publish second = other.expectPublish();

    persistent.unsubscribe(group);

    List<String> got = new ArrayList<>(List.of(first, text(second)));
    other.sendPuback(second.packetId());
    got.addAll(receive(other, 8));
    assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(0, 10));
    publish(10, 20, 1);
    assertThat(receive(other, 10)).isEqualTo(numbers(10, 20));
  }

  @Test
  void what_waits_is_dropped_when_the_last_of_all_members_leaves() {
    MqttSocket persistent = member(true, 1, 1);
    publish(0, 10, 1);
    persistent.expectPublish();

    persistent.unsubscribe(group);
    persistent.disconnect();

    MqttSocket late = member(false, 10, 1);
    publish(10, 11, 1);
    assertThat(text(late.receive())).isEqualTo("10");
  }

  @Test
  void a_message_of_qos_2_stays_with_its_member_and_comes_again_to_it_alone() {
    String id = clients.id();
    MqttSocket chosen = clients.open(MQTT_5);
    chosen.connect(id, PERSISTENT);
    chosen.subscribe(group, 2);
    publish(0, 3, 2);
    for (int i = 0; i < 3; i++) {
      chosen.expectPublish();
    }
    MqttSocket other = member(true, 10, 2);

    long left = relais.count(Counter.SESSIONS_CLOSED);
    chosen.cut();
    Awaitility.await().until(() -> relais.count(Counter.SESSIONS_CLOSED) > left);

    publish(3, 4, 2);
    assertThat(text(other.receive())).isEqualTo("3");
    MqttSocket back = back(id);
    for (int i = 0; i < 3; i++) {
      Packet.Publish again = back.receive();
      assertThat(text(again)).isEqualTo("" + i);
      assertThat(again.dup()).isTrue();
    }
    back.expectSilence();
    other.expectSilence();
  }
}
