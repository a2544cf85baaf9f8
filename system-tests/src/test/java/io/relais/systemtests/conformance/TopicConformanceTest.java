package io.relais.systemtests.conformance;

import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.TOPIC_FILTER_INVALID;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.SinceVersion311;
import java.util.List;

/// Which filters match which topics, and which are none.
@AgainstBroker
class TopicConformanceTest {
  /// @param filter below a topic of the test
  private record Row(String filter, List<String> matching, List<String> others) {}

  private static final List<Row> TABLE =
      List.of(
          new Row("/a", List.of("/a"), List.of("", "/b", "/a/b", "/A", "/aa", "//a")),
          new Row("/a/b", List.of("/a/b"), List.of("/a", "/a/b/c", "/a//b", "/a/B")),
          new Row("/a/", List.of("/a/"), List.of("/a", "/a//", "/a/b")),
          new Row("/#", List.of("", "/", "/a", "/a/b/c", "//", "/a/$b"), List.of("x")),
          new Row("/a/#", List.of("/a", "/a/", "/a/b", "/a/b/c"), List.of("", "/b", "/aa")),
          new Row("/+", List.of("/", "/a", "/$b"), List.of("", "/a/b", "/a/")),
          new Row("/+/", List.of("/a/", "//"), List.of("/a", "/a/b", "/")),
          new Row("/+/+", List.of("/a/b", "//", "/a/"), List.of("/a", "/a/b/c")),
          new Row("/+/b", List.of("/a/b", "//b"), List.of("/b", "/a/c", "/a/b/c")),
          new Row("/a/+/c", List.of("/a/b/c", "/a//c"), List.of("/a/c", "/a/b/b/c")),
          new Row("/+/b/#", List.of("/a/b", "/a/b/c/d"), List.of("/a/c/b", "/b")),
          new Row("/é", List.of("/é"), List.of("/e\u0301", "/e", "/É")),
          new Row("/a b", List.of("/a b"), List.of("/ab", "/a%20b")));

  @EachVersion
  @Conforms({
    "MQTT-3.3.2-3",
    "v3:MQTT-3.3.2-3",
    "MQTT-4.7.1-1",
    "v3:MQTT-4.7.1-2",
    "MQTT-4.7.1-2",
    "v3:MQTT-4.7.1-3",
    "MQTT-4.7.3-4",
    "v3:MQTT-4.7.3-4"
  })
  void a_filter_gets_the_topics_that_it_matches_and_no_others(
      ProtocolVersion version, Clients clients) {
    MqttSocket publisher = clients.connected(version);
    for (Row row : TABLE) {
      String topic = clients.topic();
      MqttSocket subscriber = clients.connected(version).subscribe(topic + row.filter, 0);

      row.others.forEach(other -> publisher.publish(topic + other, "no", 0));
      row.matching.forEach(match -> publisher.publish(topic + match, "yes", 0));

      for (String match : row.matching) {
        assertThat(subscriber.expectPublish().topic())
            .as("to %s", row.filter)
            .isEqualTo(topic + match);
      }
      subscriber.expectNothingFrom(publisher);
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.7.2-1", "v3:MQTT-4.7.2-1"})
  void leading_wildcards_do_not_match_topics_that_begin_with_a_dollar(
      ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket all = clients.connected(version).subscribe("#", 0);
    MqttSocket level = clients.connected(version).subscribe("+/" + topic, 0);
    MqttSocket named = clients.connected(version).subscribe("$t/" + topic, 0);
    MqttSocket below = clients.connected(version).subscribe("$t/#", 0);
    MqttSocket publisher = clients.connected(version);

    publisher.publish("$t/" + topic, "x", 0).publish("t/" + topic, "marker", 0);

    assertThat(named.expectPublish().topic()).isEqualTo("$t/" + topic);
    assertThat(below.receive().topic()).startsWith("$t/");
    assertThat(level.expectPublish().topic()).isEqualTo("t/" + topic);
    // Other tests publish as well, and all of it comes here; what begins with $ must not.
    String got;
    do {
      got = all.receive().topic();
      assertThat(got).doesNotStartWith("$");
    } while (!got.equals("t/" + topic));
  }

  @EachVersion
  @Conforms({"MQTT-4.7.1-1", "v3:MQTT-4.7.1-2", "MQTT-4.7.1-2", "v3:MQTT-4.7.1-3"})
  void filters_with_wildcards_at_wrong_places_are_refused(
      ProtocolVersion version, Clients clients) {
    for (String filter : List.of("a#", "a/#/b", "#/", "a/b#", "a+", "+a/b", "a/+b", "a/b+/c")) {
      MqttSocket socket = clients.connected(version);

      socket.sendSubscribe(1, filter, 1);

      refusedFilter(socket);
    }
  }

  @EachVersion
  @Conforms({"MQTT-4.7.3-1", "v3:MQTT-4.7.3-1"})
  void an_empty_filter_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.sendSubscribe(1, "", 1);

    refusedFilter(socket);
  }

  /// The standard leaves open whether the filter alone is refused or the connection ends; 3.1 has
  /// no code that refuses [MQIsdp-5].
  private static void refusedFilter(MqttSocket socket) {
    socket.sendPing();
    Packet packet = socket.expectRefusedOr(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);
    if (packet == null) {
      return;
    }
    assertThat(packet).isInstanceOf(Packet.Suback.class);
    ReasonCode given = ((Packet.Suback) packet).reasons().getFirst();
    if (socket.version() != ProtocolVersion.MQTT_3_1) {
      assertThat(given.isError()).as("%s refuses the filter", packet).isTrue();
    }
    socket.expect(Packet.Pingresp.class);
  }

  @SinceVersion311
  @Conforms({
    "MQTT-3.8.3-1",
    "v3:MQTT-3.8.3-1",
    "MQTT-3.10.3-1",
    "v3:MQTT-3.10.3-1",
    "MQTT-1.5.4-1",
    "v3:MQTT-1.5.3-1"
  })
  void a_filter_that_is_not_utf_8_is_refused(ProtocolVersion version, Clients clients) {
    for (byte[] bad : Raw.NOT_UTF8) {
      MqttSocket subscribing = clients.connected(version);
      MqttSocket unsubscribing = clients.connected(version);

      subscribing.send(Raw.subscribe(version, 0x82, 1, bad, 0));
      unsubscribing.send(Raw.unsubscribe(version, 0xA2, 1, bad));

      subscribing.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);
      unsubscribing.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);
    }
  }

  @SinceVersion311
  @Conforms({"MQTT-1.5.4-2", "v3:MQTT-1.5.3-2", "MQTT-4.7.3-2", "v3:MQTT-4.7.3-2"})
  void a_filter_with_u_0000_is_refused(ProtocolVersion version, Clients clients) {
    MqttSocket socket = clients.connected(version);

    socket.send(Raw.subscribe(version, 0x82, 1, Raw.WITH_NUL, 0));

    socket.expectRefused(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);
  }

  @EachVersion
  @Conforms({"MQTT-4.7.3-3", "v3:MQTT-4.7.3-3"})
  void a_topic_may_take_65535_bytes(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    String longest = topic + "/" + "x".repeat(65_535 - topic.length() - 1);
    assertThat(longest.getBytes(UTF_8)).hasSize(65_535);
    MqttSocket subscriber = clients.connected(version).subscribe(longest, 0);
    MqttSocket above = clients.connected(version).subscribe(topic + "/+", 0);

    clients.connected(version).publish(longest, "far", 0);

    assertThat(text(subscriber.expectPublish())).isEqualTo("far");
    assertThat(above.expectPublish().topic()).isEqualTo(longest);
  }

  @EachVersion
  @Conforms("MQIsdp-5")
  void a_filter_that_is_no_filter_gets_nothing(ProtocolVersion version, Clients clients) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version);
    MqttSocket publisher = clients.connected(version);
    socket.sendSubscribe(1, topic + "/a#", 0);
    Packet packet = socket.expectRefusedOr(MALFORMED_PACKET, PROTOCOL_ERROR, TOPIC_FILTER_INVALID);

    publisher.publish(topic + "/a", "x", 0).publish(topic + "/ab", "x", 0);

    if (packet != null) {
      assertThat(packet).isInstanceOf(Packet.Suback.class);
      socket.expectNothingFrom(publisher);
    }
  }
}
