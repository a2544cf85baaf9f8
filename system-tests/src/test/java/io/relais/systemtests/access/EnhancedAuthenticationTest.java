package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static io.relais.protocol.ReasonCode.BAD_AUTHENTICATION_METHOD;
import static io.relais.protocol.ReasonCode.BAD_USER_NAME_OR_PASSWORD;
import static io.relais.protocol.ReasonCode.CONTINUE_AUTHENTICATION;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.protocol.ReasonCode.PROTOCOL_ERROR;
import static io.relais.protocol.ReasonCode.REAUTHENTICATE;
import static io.relais.protocol.ReasonCode.SUCCESS;
import static io.relais.systemtests.access.ChallengeSource.METHOD;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.testkit.Clients;
import io.relais.testkit.Conforms;
import io.relais.testkit.Connecting;
import io.relais.testkit.MqttSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The exchange of AUTH packets, at CONNECT and later.
class EnhancedAuthenticationTest {
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() {
    relais = EmbeddedRelais.start(List.of(new ChallengeSource()), new PrefixPolicy());
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

  private static Connecting as(String username, Connecting how) {
    return how.property(Property.AUTHENTICATION_METHOD, METHOD)
        .property(Property.AUTHENTICATION_DATA, username.getBytes(UTF_8));
  }

  private static Packet.Auth auth(ReasonCode reason, String method, byte @Nullable [] data) {
    Properties.Builder properties =
        Properties.builder().add(Property.AUTHENTICATION_METHOD, method);
    if (data != null) {
      properties.add(Property.AUTHENTICATION_DATA, data);
    }
    return new Packet.Auth(reason, properties.build());
  }

  private static byte[] data(Packet.Auth auth) {
    byte[] data = auth.properties().binary(Property.AUTHENTICATION_DATA);
    return data == null ? new byte[0] : data;
  }

  /// The answer that the server waits for.
  private static Packet.Auth answer(Packet.Auth challenge) {
    return auth(CONTINUE_AUTHENTICATION, METHOD, ChallengeSource.response(data(challenge)));
  }

  /// A connection on which the server has asked for the second step.
  private MqttSocket challenged() {
    MqttSocket socket = clients.open(MQTT_5);
    socket.sendConnect(clients.id(), how -> as("alice", how));
    return socket;
  }

  private MqttSocket authenticated(String id, Connecting how) {
    MqttSocket socket = clients.open(MQTT_5);
    socket.send(as("alice", how.id(id)).packet());
    socket.send(answer(socket.expect(Packet.Auth.class)));
    assertThat(socket.expect(Packet.Connack.class).reason()).isEqualTo(SUCCESS);
    return socket;
  }

  private MqttSocket authenticated() {
    return authenticated(clients.id(), new Connecting(MQTT_5, ""));
  }

  @Test
  @Conforms({"MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.15.2-1", "MQTT-3.2.0-1"})
  void a_server_that_wants_more_says_so_and_accepts_the_right_answer() {
    MqttSocket socket = challenged();

    Packet.Auth challenge = socket.expect(Packet.Auth.class);
    assertThat(challenge.reason()).isEqualTo(CONTINUE_AUTHENTICATION);
    assertThat(challenge.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    assertThat(new String(data(challenge), UTF_8)).startsWith("challenge ");
    socket.send(answer(challenge));

    Packet.Connack connack = socket.expect(Packet.Connack.class);
    assertThat(connack.reason()).isEqualTo(SUCCESS);
    assertThat(connack.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    assertThat(connack.properties().binary(Property.AUTHENTICATION_DATA))
        .isEqualTo("welcome".getBytes(UTF_8));
    socket.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.12.0-4")
  void a_first_step_may_be_refused() {
    MqttSocket stranger = clients.open(MQTT_5);
    MqttSocket silent = clients.open(MQTT_5);

    stranger.sendConnect(clients.id(), how -> as("mallory", how));
    silent.sendConnect(clients.id(), how -> how.property(Property.AUTHENTICATION_METHOD, METHOD));

    stranger.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);
    silent.expectRefused(BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED);
  }

  @Test
  @Conforms("MQTT-3.2.2-6")
  void a_refused_exchange_tells_nothing_of_the_session() {
    String id = clients.id();
    authenticated(id, new Connecting(MQTT_5, id).persistent()).disconnect();

    MqttSocket thief = clients.open(MQTT_5);
    thief.sendConnect(id, how -> as("alice", how.persistent()));
    thief.expect(Packet.Auth.class);
    thief.send(auth(CONTINUE_AUTHENTICATION, METHOD, "guessed".getBytes(UTF_8)));

    Packet.Connack connack = thief.expect(Packet.Connack.class);
    assertThat(connack.sessionPresent()).isFalse();
    assertThat(connack.reason().isError()).isTrue();
    thief.expectClosed();
  }

  @Test
  @Conforms("MQTT-3.1.2-30")
  void a_client_may_leave_within_the_exchange() {
    MqttSocket socket = challenged();
    socket.expect(Packet.Auth.class);

    socket.disconnect();
  }

  @Test
  @Conforms("MQTT-3.1.2-30")
  void an_exchange_touches_no_session_before_it_succeeds() {
    String id = clients.id();
    MqttSocket owner = authenticated(id, new Connecting(MQTT_5, id));

    MqttSocket thief = clients.open(MQTT_5);
    thief.sendConnect(id, how -> as("alice", how));
    thief.expect(Packet.Auth.class);

    owner.expectSilence();
  }

  @Test
  @Conforms({"MQTT-4.12.0-5", "MQTT-4.12.0-2", "MQTT-3.2.0-2"})
  void a_client_may_authenticate_again_while_messages_flow() {
    String topic = clients.topic();
    MqttSocket socket = authenticated().subscribe(topic, 1);

    socket.send(auth(REAUTHENTICATE, METHOD, "alice".getBytes(UTF_8)));
    Packet.Auth challenge = socket.expect(Packet.Auth.class);
    assertThat(challenge.reason()).isEqualTo(CONTINUE_AUTHENTICATION);
    assertThat(challenge.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    socket.publish(topic, "meanwhile", 1);
    assertThat(text(socket.receive())).isEqualTo("meanwhile");
    socket.send(answer(challenge));

    Packet.Auth done = socket.expect(Packet.Auth.class);
    assertThat(done.reason()).isEqualTo(SUCCESS);
    assertThat(done.properties().string(Property.AUTHENTICATION_METHOD)).isEqualTo(METHOD);
    socket.publish(topic, "afterwards", 1);
    assertThat(text(socket.receive())).isEqualTo("afterwards");
  }

  @Test
  @Conforms("MQTT-4.12.1-2")
  void who_fails_to_authenticate_again_is_disconnected_and_its_will_published() {
    String topic = clients.topic();
    MqttSocket watcher = clients.connected(MQTT_5).subscribe(topic, 1);
    String id = clients.id();
    MqttSocket socket = authenticated(id, new Connecting(MQTT_5, id).will(topic, "gone", 1, false));
    socket.send(auth(REAUTHENTICATE, METHOD, "alice".getBytes(UTF_8)));
    socket.expect(Packet.Auth.class);

    socket.send(auth(CONTINUE_AUTHENTICATION, METHOD, "guessed".getBytes(UTF_8)));

    socket.expectRefused(NOT_AUTHORIZED);
    assertThat(text(watcher.receive())).isEqualTo("gone");
  }

  @Test
  @Conforms("MQTT-4.12.0-7")
  void who_connected_by_a_password_cannot_send_auth() {
    MqttSocket socket =
        clients.connected(MQTT_5, how -> how.username("alice").password(ChallengeSource.PASSWORD));

    socket.send(auth(REAUTHENTICATE, METHOD, "alice".getBytes(UTF_8)));

    socket.expectRefused(PROTOCOL_ERROR, BAD_AUTHENTICATION_METHOD);
  }

  @Test
  @Conforms("MQTT-4.12.0-6")
  void who_connected_by_a_password_gets_no_auth_and_no_method() {
    MqttSocket socket = clients.open(MQTT_5);

    Packet.Connack connack =
        socket.connect(
            clients.id(), how -> how.username("alice").password(ChallengeSource.PASSWORD));

    assertThat(connack.properties().has(Property.AUTHENTICATION_METHOD)).isFalse();
    socket.expectSilence();
  }

  @Test
  @Conforms("MQTT-4.13.1-1")
  void auth_out_of_turn_is_refused() {
    MqttSocket unasked = authenticated();
    MqttSocket success = authenticated();
    MqttSocket twice = authenticated();

    unasked.send(auth(CONTINUE_AUTHENTICATION, METHOD, null));
    success.send(auth(SUCCESS, METHOD, null));
    twice.send(auth(REAUTHENTICATE, METHOD, "alice".getBytes(UTF_8)));
    twice.expect(Packet.Auth.class);
    twice.send(auth(REAUTHENTICATE, METHOD, "alice".getBytes(UTF_8)));

    unasked.expectRefused(PROTOCOL_ERROR);
    success.expectRefused(PROTOCOL_ERROR);
    twice.expectRefused(PROTOCOL_ERROR);
  }
}
