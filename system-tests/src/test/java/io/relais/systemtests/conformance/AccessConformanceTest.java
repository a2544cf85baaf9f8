package io.relais.systemtests.conformance;

import static io.relais.protocol.ProtocolVersion.MQTT_3_1;
import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.BAD_AUTHENTICATION_METHOD;
import static io.relais.protocol.ReasonCode.BAD_USER_NAME_OR_PASSWORD;
import static io.relais.protocol.ReasonCode.MALFORMED_PACKET;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.testkit.MqttSocket.publishing;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.Answer;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import io.relais.protocol.Packet;
import io.relais.protocol.PacketType;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a server says to clients that may not: log-ins, enhanced authentication, refused topics,
/// and how much it explains.
class AccessConformanceTest {
  private static final String METHOD = "THREE-STEPS";

  /// Knows the user `user` with the password `right`, lets clients without credentials pass on, and
  /// has a method of two questions whose answers are `one` and `two`.
  private record Gatekeeper() implements AuthenticationSource {
    @Override
    public String name() {
      return "gatekeeper";
    }

    @Override
    public void authenticate(
        Client client,
        @Nullable String username,
        byte @Nullable [] password,
        Consumer<Answer> answer) {
      if (username == null && password == null) {
        answer.accept(Answer.ABSTAIN);
      } else if ("user".equals(username) && is("right", password)) {
        answer.accept(new Answer.Accept(username));
      } else {
        answer.accept(new Answer.Refuse(BAD_USER_NAME_OR_PASSWORD, "not the user of this test"));
      }
    }

    @Override
    public @Nullable Exchange begin(String method, Client client) {
      return method.equals(METHOD) ? new TwoQuestions() : null;
    }
  }

  /// Owner: the connection whose exchange it is.
  private static final class TwoQuestions implements AuthenticationSource.Exchange {
    private int steps;

    @Override
    public void step(byte @Nullable [] data, Consumer<AuthenticationSource.Step> next) {
      steps++;
      String expected = steps == 1 ? "begin" : steps == 2 ? "one" : "two";
      if (!is(expected, data)) {
        next.accept(new AuthenticationSource.Step.Refuse(NOT_AUTHORIZED, "a wrong answer"));
      } else if (steps < 3) {
        next.accept(new AuthenticationSource.Step.Continue(("question " + steps).getBytes(UTF_8)));
      } else {
        next.accept(new AuthenticationSource.Step.Accept("stepper", "welcome".getBytes(UTF_8)));
      }
    }
  }

  private static boolean is(String expected, byte @Nullable [] given) {
    return given != null && Arrays.equals(expected.getBytes(UTF_8), given);
  }

  /// Nobody may touch topics and filters that end in `/denied`.
  private static final Policy POLICY =
      new Policy() {
        @Override
        public Verdict mayConnect(Client client, Consumer<Verdict> later) {
          return Verdict.ALLOW;
        }

        @Override
        public Verdict mayPublish(
            Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
          return topic.endsWith("/denied") ? Verdict.DENY : Verdict.ALLOW;
        }

        @Override
        public Verdict maySubscribe(
            Client client, String filter, int qos, Consumer<Verdict> later) {
          return filter.endsWith("/denied") ? Verdict.DENY : Verdict.ALLOW;
        }
      };

  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start(List.of(new Gatekeeper()), POLICY);
  }

  @AfterAll
  static void stop() {
    relais.close();
  }

  @BeforeEach
  void openClients() {
    clients = new Clients(relais);
  }

  @AfterEach
  void closeClients() {
    clients.close();
  }

  @EachVersion
  @Conforms({
    "MQTT-3.1.4-2",
    "MQTT-3.2.2-6",
    "v3:MQTT-3.2.2-4",
    "MQTT-3.2.2-7",
    "v3:MQTT-3.2.2-5",
    "MQTT-3.2.2-8"
  })
  void a_wrong_password_is_refused_without_a_word_about_the_session(ProtocolVersion version) {
    String id = clients.id();
    MqttSocket right = clients.open(version);
    right.connect(id, how -> how.persistent().username("user").password("right"));
    right.disconnect();
    MqttSocket wrong = clients.open(version);

    wrong.sendConnect(id, how -> how.persistent().username("user").password("wrong"));

    // The client checks that a refusal has Session Present 0.
    assertThat(wrong.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED)).isNotNull();
  }

  @EachVersion
  @Conforms({"MQTT-3.1.4-6", "v3:MQTT-3.1.4-5"})
  void what_follows_a_refused_log_in_is_not_processed(ProtocolVersion version) {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(version).subscribe(topic, 0);
    MqttSocket refused = clients.open(version);

    refused.sendTogether(
        new Connecting(version, clients.id()).username("user").password("wrong").packet(),
        publishing(topic, "no", 0, 0));
    refused.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);

    watcher.expectNothingFrom(clients.connected(version));
  }

  @EachVersion
  @Conforms({"v3:MQTT-3.3.5-2", "MQIsdp-23", "MQTT-3.4.2-1", "MQTT-3.5.2-1"})
  void a_refused_publish_reaches_nobody(ProtocolVersion version) {
    String topic = clients.topic() + "/denied";
    MqttSocket watcher = clients.connected(version).subscribe(topic.replace("denied", "+"), 0);

    for (int qos = 1; qos <= 2; qos++) {
      MqttSocket socket = clients.connected(version);
      socket.sendPublish(topic, "no", qos, 5);

      Packet answer = socket.expectRefusedOr(NOT_AUTHORIZED);
      if (version == MQTT_3_1 || (version.isV5() && answer != null)) {
        ReasonCode expected = version.isV5() ? NOT_AUTHORIZED : ReasonCode.SUCCESS;
        assertThat(answer)
            .isEqualTo(
                qos == 1
                    ? new Packet.Puback(5, expected, properties(answer))
                    : new Packet.Pubrec(5, expected, properties(answer)));
      }
    }
    watcher.expectNothingFrom(clients.connected(version));
  }

  private static Properties properties(@Nullable Packet packet) {
    return switch (packet) {
      case Packet.Puback(int _, ReasonCode _, Properties properties) -> properties;
      case Packet.Pubrec(int _, ReasonCode _, Properties properties) -> properties;
      case Packet.Pubrel(int _, ReasonCode _, Properties properties) -> properties;
      case Packet.Pubcomp(int _, ReasonCode _, Properties properties) -> properties;
      case Packet.Suback(int _, Properties properties, List<ReasonCode> _) -> properties;
      case Packet.Unsuback(int _, Properties properties, List<ReasonCode> _) -> properties;
      case Packet.Disconnect(ReasonCode _, Properties properties) -> properties;
      case Packet.Connack(boolean _, ReasonCode _, Properties properties) -> properties;
      case Packet.Auth(ReasonCode _, Properties properties) -> properties;
      case null, default -> Properties.NONE;
    };
  }

  @Test
  @Conforms("MQTT-4.3.3-9")
  void after_a_pubrec_that_refuses_the_id_is_a_new_message() {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 0);
    MqttSocket socket = clients.connected(MQTT_5);
    socket.sendPublish(topic + "/denied", "no", 2, 5);
    assertThat(socket.expect(Packet.Pubrec.class).reason()).isEqualTo(NOT_AUTHORIZED);

    socket.sendPublish(topic, "yes", 2, 5);
    socket.expectAck(PacketType.PUBREC, 5);
    socket.sendPubrel(5);
    socket.expectAck(PacketType.PUBCOMP, 5);

    assertThat(text(watcher.expectPublish())).isEqualTo("yes");
    watcher.expectNothingFrom(socket);
  }

  @EachVersion
  @Conforms({
    "MQTT-3.8.4-6",
    "MQTT-3.8.4-7",
    "v3:MQTT-3.8.4-5",
    "MQTT-3.9.3-1",
    "v3:MQTT-3.9.3-1",
    "v3:MQTT-3.9.3-2",
    "MQIsdp-5"
  })
  void a_refused_filter_is_told_at_its_place_and_gets_nothing(ProtocolVersion version) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(version);

    List<ReasonCode> reasons =
        socket
            .suback(
                Properties.NONE,
                subscription(topic + "/1", 1),
                subscription(topic + "/denied", 1),
                subscription(topic + "/2", 2))
            .reasons();

    ReasonCode refused =
        switch (version) {
          case MQTT_3_1 -> ReasonCode.GRANTED_QOS_1;
          case MQTT_3_1_1 -> ReasonCode.UNSPECIFIED_ERROR;
          case MQTT_5 -> NOT_AUTHORIZED;
        };
    assertThat(reasons)
        .containsExactly(ReasonCode.GRANTED_QOS_1, refused, ReasonCode.GRANTED_QOS_2);
  }

  /// Makes the server refuse or miss something in each kind of packet that could explain itself,
  /// and gives what came.
  private List<Packet> failures(UnaryOperator<Connecting> how) {
    String topic = clients.topic();
    MqttSocket socket = clients.connected(MQTT_5, how);
    List<Packet> came = new ArrayList<>();
    socket.sendPublish(topic + "/denied", "no", 1, 1);
    came.add(socket.expect(Packet.Puback.class));
    socket.sendPublish(topic + "/denied", "no", 2, 2);
    came.add(socket.expect(Packet.Pubrec.class));
    socket.sendPubrec(4242);
    came.add(socket.expect(Packet.Pubrel.class));
    socket.sendPubrel(4243);
    came.add(socket.expect(Packet.Pubcomp.class));
    socket.sendSubscribe(3, topic + "/denied", 1);
    came.add(socket.expect(Packet.Suback.class));
    came.add(socket.unsubscribe("none"));
    return came;
  }

  @Test
  @Conforms({
    "MQTT-3.4.2-2",
    "MQTT-3.4.2-3",
    "MQTT-3.5.2-2",
    "MQTT-3.5.2-3",
    "MQTT-3.6.2-2",
    "MQTT-3.6.2-3",
    "MQTT-3.7.2-2",
    "MQTT-3.7.2-3",
    "MQTT-3.9.2-1",
    "MQTT-3.9.2-2",
    "MQTT-3.11.2-1",
    "MQTT-3.11.2-2",
    "MQTT-3.1.2-24"
  })
  void acks_explain_nothing_where_it_would_make_them_too_large() {
    // The client checks the size of each packet.
    List<Packet> came = failures(how -> how.property(Property.MAXIMUM_PACKET_SIZE, 20L));

    assertThat(came).hasSize(6).allMatch(packet -> properties(packet).isEmpty());
  }

  @Test
  @Conforms("MQTT-3.1.2-29")
  void acks_explain_nothing_to_a_client_that_does_not_want_it() {
    List<Packet> came = failures(how -> how.property(Property.REQUEST_PROBLEM_INFORMATION, 0));

    assertThat(came).hasSize(6).allMatch(packet -> properties(packet).isEmpty());
  }

  @Test
  @Conforms({"MQTT-3.14.2-3", "MQTT-3.14.2-4", "MQTT-3.14.2-2"})
  void a_disconnect_explains_nothing_where_it_would_make_it_too_large() {
    MqttSocket socket =
        clients.connected(MQTT_5, how -> how.property(Property.MAXIMUM_PACKET_SIZE, 20L));

    socket.send("c1 00");

    Packet answer = socket.expectPacket();
    assertThat(answer).isInstanceOf(Packet.Disconnect.class);
    assertThat(properties(answer).isEmpty()).isTrue();
    socket.expectClosed();
  }

  @Test
  @Conforms({"MQTT-3.2.2-19", "MQTT-3.2.2-20"})
  void a_connack_explains_nothing_where_it_would_make_it_too_large() {
    MqttSocket socket = clients.open(MQTT_5);

    socket.sendConnect(
        clients.id(),
        how -> how.username("user").password("wrong").property(Property.MAXIMUM_PACKET_SIZE, 8L));

    // The client checks the size: five bytes fit, an explanation does not.
    socket.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);
  }

  private MqttSocket asking(UnaryOperator<Connecting> how) {
    MqttSocket socket = clients.open(MQTT_5);
    socket.sendConnect(
        clients.id(),
        connecting ->
            how.apply(connecting)
                .property(Property.AUTHENTICATION_METHOD, METHOD)
                .property(Property.AUTHENTICATION_DATA, "begin".getBytes(UTF_8)));
    return socket;
  }

  private static void answer(MqttSocket socket, ReasonCode reason, String method, String data) {
    socket.send(
        new Packet.Auth(
            reason,
            Properties.builder()
                .add(Property.AUTHENTICATION_METHOD, method)
                .add(Property.AUTHENTICATION_DATA, data.getBytes(UTF_8))
                .build()));
  }

  private static void question(MqttSocket socket, int number) {
    Packet.Auth auth = socket.expect(Packet.Auth.class);
    assertThat(auth.reason()).isEqualTo(ReasonCode.CONTINUE_AUTHENTICATION);
    assertThat(auth.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    assertThat(auth.properties().binary(Property.AUTHENTICATION_DATA))
        .isEqualTo(("question " + number).getBytes(UTF_8));
  }

  private MqttSocket authenticated() {
    MqttSocket socket = asking(how -> how);
    question(socket, 1);
    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "one");
    question(socket, 2);
    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "two");
    Packet.Connack connack = socket.expect(Packet.Connack.class);
    assertThat(connack.reason()).isEqualTo(ReasonCode.SUCCESS);
    assertThat(connack.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    assertThat(connack.properties().binary(Property.AUTHENTICATION_DATA))
        .isEqualTo("welcome".getBytes(UTF_8));
    return socket;
  }

  @Test
  @Conforms({"MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.15.2-1", "MQTT-3.2.0-1"})
  void an_exchange_of_several_steps_ends_in_connack() {
    MqttSocket socket = authenticated();

    socket.expectSilence();
  }

  @Test
  @Conforms({"MQTT-4.12.0-4", "MQTT-3.2.2-7"})
  void a_wrong_answer_ends_the_exchange_and_the_connection() {
    MqttSocket socket = asking(how -> how);
    question(socket, 1);

    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "wrong");

    socket.expectRefused(NOT_AUTHORIZED, BAD_USER_NAME_OR_PASSWORD);
  }

  @Test
  @Conforms("MQTT-4.12.0-3")
  void an_answer_with_another_reason_than_continue_is_refused() {
    MqttSocket socket = asking(how -> how);
    question(socket, 1);

    answer(socket, ReasonCode.SUCCESS, METHOD, "one");

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET);
  }

  @Test
  @Conforms("MQTT-4.12.0-5")
  void an_answer_with_another_method_is_refused() {
    MqttSocket socket = asking(how -> how);
    question(socket, 1);

    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, "OTHER", "one");

    socket.expectRefused(BAD_AUTHENTICATION_METHOD, PROTOCOL_ERROR);
  }

  @Test
  @Conforms("MQTT-3.1.2-30")
  void other_packets_amid_the_exchange_are_refused_and_have_no_effect() {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 0);
    MqttSocket socket = asking(how -> how);
    question(socket, 1);

    socket.sendPublish(topic, "no", 0, 0);

    socket.expectRefused(PROTOCOL_ERROR, MALFORMED_PACKET, NOT_AUTHORIZED);
    watcher.expectNothingFrom(clients.connected(MQTT_5));
  }

  @Test
  @Conforms({"MQTT-3.2.0-2", "MQTT-4.12.0-5"})
  void a_client_may_authenticate_again_and_gets_no_second_connack() {
    MqttSocket socket = authenticated();

    answer(socket, ReasonCode.REAUTHENTICATE, METHOD, "begin");
    question(socket, 1);
    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "one");
    question(socket, 2);
    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "two");

    Packet.Auth done = socket.expect(Packet.Auth.class);
    assertThat(done.reason()).isEqualTo(ReasonCode.SUCCESS);
    assertThat(done.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    socket.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.12.1-2")
  void authenticating_again_in_vain_ends_the_connection() {
    MqttSocket socket = authenticated();
    answer(socket, ReasonCode.REAUTHENTICATE, METHOD, "begin");
    question(socket, 1);

    answer(socket, ReasonCode.CONTINUE_AUTHENTICATION, METHOD, "wrong");

    socket.expectRefused(NOT_AUTHORIZED, BAD_USER_NAME_OR_PASSWORD);
  }

  @Test
  @Conforms("MQTT-4.12.1-1")
  void authenticating_again_by_another_method_is_refused() {
    MqttSocket socket = authenticated();

    answer(socket, ReasonCode.REAUTHENTICATE, "OTHER", "begin");

    socket.expectRefused(PROTOCOL_ERROR, BAD_AUTHENTICATION_METHOD);
  }

  @Test
  @Conforms({"MQTT-3.15.2-2", "MQTT-3.15.2-3"})
  void auth_explains_nothing() {
    MqttSocket socket = asking(how -> how.property(Property.MAXIMUM_PACKET_SIZE, 64L));

    Packet.Auth auth = socket.expect(Packet.Auth.class);

    assertThat(auth.properties().has(Property.REASON_STRING)).isFalse();
    assertThat(auth.properties().userProperties()).isEmpty();
  }
}
