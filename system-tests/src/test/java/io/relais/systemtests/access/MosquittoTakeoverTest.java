package io.relais.systemtests.access;

import static io.relais.protocol.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.Passwords;
import io.relais.cli.mosquitto.MosquittoImport;
import io.relais.protocol.Packet;
import io.relais.protocol.ReasonCode;
import io.relais.server.Relais;
import io.relais.server.config.ConfigurationLoader;
import io.relais.server.config.ConfigurationLoader.Sources;
import io.relais.testkit.BrokerUnderTest;
import io.relais.testkit.Clients;
import io.relais.testkit.MqttSocket;
import io.relais.testkit.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of mosquitto, served by mosquitto and, taken over, by Relais: who comes in, and what they
/// may publish and get, is the same.
class MosquittoTakeoverTest {
  private static final String ACL =
      """
      topic read public/#
      topic deny public/hidden

      user operator
      topic readwrite #

      user ann
      topic deny plant/secret
      topic plant/#
      topic write in/ann

      user bob
      topic read plant/+/state

      pattern readwrite devices/%c/#
      pattern write users/%u
      pattern read all
      """;

  private static final List<String> TOPICS =
      List.of(
          "public/a",
          "public/hidden",
          "plant/press/state",
          "plant/secret",
          "in/ann",
          "devices/ann/x",
          "devices/bob/x",
          "users/ann",
          "users/bob",
          "elsewhere");

  /// Those who try, by their client ids; the one without a name is `""`.
  private static final List<String> USERS = List.of("", "ann", "bob");

  @TempDir private Path folder;
  private final int port = ServerProcess.freePort();

  @BeforeEach
  void write() throws IOException, InterruptedException {
    Path passwords = folder.resolve("passwd");
    Files.createFile(passwords);
    for (String user : List.of("operator", "ann", "bob")) {
      Process process =
          new ProcessBuilder("mosquitto_passwd", "-b", passwords.toString(), user, "of " + user)
              .inheritIO()
              .start();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    Files.writeString(folder.resolve("acl"), ACL);
    Files.writeString(
        folder.resolve("mosquitto.conf"),
        """
        user root
        persistence false
        set_tcp_nodelay true
        listener %d 127.0.0.1
        allow_anonymous true
        password_file %s
        acl_file %s
        """
            .formatted(port, passwords, folder.resolve("acl")));
  }

  /// What came of each try.
  private Map<String, String> tried(BrokerUnderTest broker) {
    Map<String, String> came = new TreeMap<>();
    try (Clients clients = new Clients(broker)) {
      came.put(
          "connects with a wrong password",
          clients
                  .open(MQTT_5)
                  .sendConnect("x", how -> how.username("ann").password("wrong"))
                  .expect(Packet.Connack.class)
                  .reason()
                  .isError()
              ? "refused"
              : "let in");
      MqttSocket operator = connected(clients, "operator");
      for (String user : USERS) {
        MqttSocket client = connected(clients, user);
        MqttSocket subscriber = connected(clients, user.isEmpty() ? "nameless" : user, "-sub");
        subscriber.subscribe("all", 1);
        for (String topic : TOPICS) {
          ReasonCode published = publish(client, topic);
          came.put("'" + user + "' publishes " + topic, published.isError() ? "denied" : "allowed");
          came.put("'" + user + "' gets " + topic, gets(subscriber, operator, topic));
        }
      }
    }
    return came;
  }

  private static MqttSocket connected(Clients clients, String user) {
    return connected(clients, user, "");
  }

  private static MqttSocket connected(Clients clients, String user, String suffix) {
    MqttSocket client = clients.open(MQTT_5);
    boolean named = !user.isEmpty() && !user.equals("nameless");
    client.connect(user + suffix, how -> named ? how.username(user).password("of " + user) : how);
    return client;
  }

  private static ReasonCode publish(MqttSocket client, String topic) {
    client.sendPublish(topic, "x", 1, 7);
    return client.expect(Packet.Puback.class).reason();
  }

  /// mosquitto lets everybody subscribe and holds messages back; here the SUBSCRIBE is refused.
  /// Either way nothing comes before what everybody gets.
  private static String gets(MqttSocket subscriber, MqttSocket operator, String topic) {
    subscriber.sendSubscribe(9, topic, 1);
    subscriber.expect(Packet.Suback.class);
    publish(operator, topic);
    publish(operator, "all");
    String first = subscriber.receive().topic();
    if (first.equals(topic)) {
      assertThat(subscriber.receive().topic()).isEqualTo("all");
      return "allowed";
    }
    return "denied";
  }

  @Test
  void who_may_do_what_is_the_same_as_before() throws IOException {
    Map<String, String> before = byMosquitto();

    Map<String, String> after = byRelais();

    assertThat(after).isEqualTo(before);
    assertThat(before.values()).contains("allowed", "denied", "refused");
  }

  private Map<String, String> byMosquitto() {
    try (ServerProcess process =
        ServerProcess.start(
            "mosquitto",
            List.of("mosquitto", "-v", "-c", folder.resolve("mosquitto.conf").toString()),
            folder,
            line -> line.contains("running"))) {
      process.awaitReady();
      return tried(here());
    }
  }

  private Map<String, String> byRelais() throws IOException {
    Path yaml = folder.resolve("relais.yaml");
    Files.writeString(yaml, MosquittoImport.of(folder.resolve("mosquitto.conf")).yaml());
    // The same users with passwords as `relais passwd` keeps them.
    Path users = folder.resolve("users");
    StringBuilder lines = new StringBuilder();
    for (String user : List.of("operator", "ann", "bob")) {
      lines.append(user).append(':').append(Passwords.hash("of " + user)).append('\n');
    }
    Files.writeString(users, lines.toString());
    var sources =
        new Sources(
            yaml,
            Map.of(),
            List.of(),
            List.of("admin.bind=127.0.0.1:0", "authentication.password-file=" + users));
    try (Relais relais =
        Relais.start(
            ConfigurationLoader.load(sources),
            Relais.Extensions.NONE,
            "test",
            cause -> {
              throw new AssertionError(cause);
            })) {
      assertThat(relais.serving()).hasSize(1);
      return tried(here());
    }
  }

  private BrokerUnderTest here() {
    return new BrokerUnderTest() {
      @Override
      public InetSocketAddress tcp() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      }

      @Override
      public void close() {}
    };
  }
}
