package io.relais.systemtests.access;

import static io.relais.protocol.ReasonCode.BAD_USER_NAME_OR_PASSWORD;
import static io.relais.protocol.ReasonCode.NOT_AUTHORIZED;
import static io.relais.testkit.MqttSocket.subscription;
import static io.relais.testkit.MqttSocket.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.relais.broker.access.Passwords;
import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.systemtests.EmbeddedRelais;
import io.relais.systemtests.api.Api;
import io.relais.testkit.Clients;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Users with passwords, tokens and a service beside each other, as clients meet them. The tokens
/// are made here without the library that checks them.
class TokensTest {
  @TempDir private static Path folder;
  private static KeyPair keys;
  private static HttpServer service;
  private static EmbeddedRelais relais;
  private Clients clients;

  @BeforeAll
  static void start() throws IOException, GeneralSecurityException {
    keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Path key =
        Files.writeString(
            folder.resolve("key.pem"),
            "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                .formatted(Base64.getEncoder().encodeToString(keys.getPublic().getEncoded())));
    Path users =
        Files.writeString(folder.resolve("users"), "ann:" + Passwords.hash("secret") + "\n");
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext(
        "/login",
        exchange -> {
          String asked = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          String said =
              asked.contains("\"username\":\"bob\",\"password\":\"bobs\"")
                  ? "{\"result\":\"allow\",\"acl\":{\"all\":[\"of/%u/#\"]}}"
                  : "{\"result\":\"deny\"}";
          exchange.sendResponseHeaders(200, said.length());
          exchange.getResponseBody().write(said.getBytes(UTF_8));
          exchange.close();
        });
    service.start();
    relais =
        EmbeddedRelais.start(
            "authentication.password-file=" + users,
            "authentication.jwt.public-key=" + key,
            "authentication.http.url=http://127.0.0.1:%d/login"
                .formatted(service.getAddress().getPort()));
  }

  @AfterAll
  static void stop() {
    relais.close();
    service.stop(0);
  }

  @BeforeEach
  void begin() {
    clients = new Clients(relais);
  }

  @AfterEach
  void end() {
    clients.close();
  }

  private static String token(Instant expires, String acl) throws GeneralSecurityException {
    String signed =
        part("{\"alg\":\"EdDSA\"}")
            + "."
            + part("{\"sub\":\"thing\",\"exp\":%d%s}".formatted(expires.getEpochSecond(), acl));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(keys.getPrivate());
    signature.update(signed.getBytes(UTF_8));
    return signed + "." + part(signature.sign());
  }

  private static String part(String text) {
    return part(text.getBytes(UTF_8));
  }

  private static String part(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private MqttSocket connected(ProtocolVersion version, String username, String password) {
    MqttSocket socket = clients.open(version);
    socket.connect(clients.id(), how -> how.username(username).password(password));
    return socket;
  }

  private @Nullable ReasonCode refused(ProtocolVersion version, String username, String password) {
    MqttSocket socket = clients.open(version);
    socket.sendConnect(clients.id(), how -> how.username(username).password(password));
    return socket.expectRefused(BAD_USER_NAME_OR_PASSWORD);
  }

  @EachVersion
  void each_source_knows_its_own(ProtocolVersion version) throws Exception {
    String token = token(Instant.now().plusSeconds(3600), "");
    String expired = token(Instant.now().minusSeconds(3600), "");

    connected(version, "ann", "secret").expectSilence();
    connected(version, "whatever", token).expectSilence();
    connected(version, "bob", "bobs").expectSilence();

    assertThat(refused(version, "ann", token)).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
    assertThat(refused(version, "thing", expired)).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
    assertThat(refused(version, "thing", token.substring(0, token.length() - 6) + "AAAAAA"))
        .isEqualTo(BAD_USER_NAME_OR_PASSWORD);
    assertThat(refused(version, "bob", "other")).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
  }

  @EachVersion
  void a_session_ends_when_its_token_does(ProtocolVersion version) throws Exception {
    Instant expires = Instant.now().plusSeconds(3);
    MqttSocket socket = connected(version, "thing", token(expires, ""));
    socket.subscribe(clients.topic(), 1);

    if (version.isV5()) {
      Packet.Disconnect said = socket.expect(Packet.Disconnect.class, Duration.ofSeconds(20));
      assertThat(said.reason()).isEqualTo(NOT_AUTHORIZED);
    }
    socket.expectClosed(Duration.ofSeconds(20));

    assertThat(Instant.now()).isAfterOrEqualTo(Instant.ofEpochSecond(expires.getEpochSecond()));
  }

  @EachVersion
  void a_token_says_what_its_client_may_do(ProtocolVersion version) throws Exception {
    String topic = clients.topic();
    String acl =
        ",\"acl\":{\"pub\":[\"%1$s/up\"],\"sub\":[\"%1$s/+\",\"of/%%c/x\"]}".formatted(topic);
    MqttSocket other = connected(version, "ann", "secret").subscribe(topic + "/#", 1);
    MqttSocket socket = connected(version, "thing", token(Instant.now().plusSeconds(3600), acl));

    socket.publish(topic + "/up", "allowed", 1);
    int id = socket.nextPacketId();
    socket.sendPublish(topic + "/down", "denied", 1, id);
    Packet.Puback puback = socket.expect(Packet.Puback.class);
    Packet.Suback suback =
        socket.suback(
            Properties.NONE,
            subscription(topic + "/down", 1),
            subscription(topic + "/#", 1),
            subscription("$SYS/#", 0));
    other.publish(topic + "/down", "for the thing", 1);

    assertThat(puback.reason()).isEqualTo(version.isV5() ? NOT_AUTHORIZED : ReasonCode.SUCCESS);
    assertThat(suback.reasons().getFirst()).isEqualTo(ReasonCode.granted(1));
    if (version != ProtocolVersion.MQTT_3_1) { // which cannot say so
      assertThat(suback.reasons().subList(1, 3)).allMatch(ReasonCode::isError);
    }
    assertThat(text(socket.receive())).isEqualTo("for the thing");
    assertThat(text(other.receive())).isEqualTo("allowed");
    assertThat(text(other.receive())).isEqualTo("for the thing");
  }

  @Test
  void explain_goes_by_what_a_token_says() throws Exception {
    String acl = ",\"acl\":{\"pub\":[\"up/+\"],\"sub\":[\"down\"]}";
    String token = token(Instant.now().plusSeconds(3600), acl);
    MqttSocket socket = clients.open(ProtocolVersion.MQTT_5);
    socket.connect("of-a-token", how -> how.username("thing").password(token));

    try (Api api = Api.ready(relais)) {
      String who = "{'clientId': 'of-a-token', '%s': '%s'}";
      Api.Answer may = explain(api, "publish", who.formatted("topic", "up/1"));
      Api.Answer mayNot = explain(api, "publish", who.formatted("topic", "down"));

      assertThat(may.text("outcome")).isEqualTo("no-subscriber");
      assertThat(may.body()).contains("rules of its own").contains("up/+");
      assertThat(mayNot.text("outcome")).isEqualTo("denied");
      assertThat(explain(api, "subscribe", who.formatted("filter", "down")).text("outcome"))
          .isEqualTo("allowed");
      assertThat(explain(api, "subscribe", who.formatted("filter", "up/1")).text("outcome"))
          .isEqualTo("denied");
    }
  }

  private static Api.Answer explain(Api api, String what, String body) {
    return api.post("/api/v1/explain/" + what, Api.json(body)).is(200);
  }

  @EachVersion
  void a_will_that_a_token_does_not_allow_is_left_out(ProtocolVersion version) throws Exception {
    String topic = clients.topic();
    String token = token(Instant.now().plusSeconds(3600), ",\"acl\":{\"pub\":[\"" + topic + "\"]}");
    MqttSocket watcher = connected(version, "ann", "secret").subscribe(topic + "/#", 1);

    for (String willTopic : new String[] {topic + "/denied", topic}) {
      MqttSocket socket = clients.open(version);
      socket.connect(
          clients.id(),
          how -> how.username("u").password(token).will(willTopic, willTopic, 1, false));
      socket.cut();
    }

    assertThat(watcher.receive().topic()).isEqualTo(topic);
    watcher.expectSilence();
  }

  @EachVersion
  void what_the_service_allows_holds_for_its_client(ProtocolVersion version) {
    MqttSocket bob = connected(version, "bob", "bobs");

    Packet.Suback suback =
        bob.suback(Properties.NONE, subscription("of/bob/x", 1), subscription("of/ann/x", 1));

    assertThat(suback.reasons().getFirst()).isEqualTo(ReasonCode.granted(1));
    if (version != ProtocolVersion.MQTT_3_1) { // which cannot say so
      assertThat(suback.reasons().getLast().isError()).isTrue();
    }
  }
}
