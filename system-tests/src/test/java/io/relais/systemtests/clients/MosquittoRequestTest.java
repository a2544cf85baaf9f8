package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.AgainstBroker;
import io.relais.testkit.Clients;
import io.relais.testkit.EachVersion;
import io.relais.testkit.MqttSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// mosquitto_rr asks, a client by hand answers.
@AgainstBroker
class MosquittoRequestTest {
  @EachVersion
  void a_request_gets_its_answer(ProtocolVersion version, Clients clients) throws Exception {
    String topic = clients.topic();
    String answers = clients.topic();
    MqttSocket responder = clients.connected(version).patience(Duration.ofSeconds(10));
    responder.subscribe(topic, 1);
    Opening how =
        new Opening(
            clients.broker().tcp(),
            Transport.TCP,
            version,
            clients.id(),
            false,
            null,
            null,
            Path.of("unused"));
    List<String> command = MosquittoClient.command("mosquitto_rr", how);
    command.addAll(List.of("-t", topic, "-e", answers, "-m", "how much?", "-q", "1", "-W", "8"));
    if (version.isV5()) {
      command.addAll(List.of("-D", "publish", "correlation-data", "42"));
    }

    CompletableFuture<Tool.Outcome> outcome =
        CompletableFuture.supplyAsync(
            () -> Tool.run(command, Path.of("."), new byte[0], Duration.ofSeconds(10)));
    Packet.Publish request = responder.receive();

    assertThat(MqttSocket.text(request)).isEqualTo("how much?");
    String answerTo = answers;
    Properties properties = Properties.NONE;
    if (version.isV5()) {
      answerTo = requireNonNull(request.properties().string(Property.RESPONSE_TOPIC));
      assertThat(answerTo).isEqualTo(answers);
      byte[] correlation = requireNonNull(request.properties().binary(Property.CORRELATION_DATA));
      assertThat(correlation).isEqualTo("42".getBytes(UTF_8));
      properties = Properties.builder().add(Property.CORRELATION_DATA, correlation).build();
    }
    responder.publish(answerTo, "this much", 1, false, properties);
    assertThat(outcome.get().output()).isEqualTo("this much\n");
    assertThat(outcome.get().exitCode()).isZero();
  }
}
