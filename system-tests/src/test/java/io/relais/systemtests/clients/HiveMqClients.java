package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// HiveMQ's Java client, which has a class for each version.
final class HiveMqClients {
  private static final int PATIENCE_SECONDS = 15;

  private HiveMqClients() {}

  static RealClient open(Opening how) {
    return how.version().isV5() ? new Version5(how) : new Version3(how);
  }

  private static MqttClientBuilder builder(Opening how) {
    MqttClientBuilder builder =
        MqttClient.builder()
            .identifier(how.clientId())
            .serverHost(how.to().getHostString())
            .serverPort(how.to().getPort());
    if (how.transport().secure()) {
      builder =
          builder.sslConfig(
              MqttClientSslConfig.builder()
                  .trustManagerFactory(Trust.factory(how.authority()))
                  .build());
    }
    if (how.transport().webSocket()) {
      builder = builder.webSocketConfig(MqttWebSocketConfig.builder().serverPath("/mqtt").build());
    }
    return builder;
  }

  private static MqttQos qos(int qos) {
    return Objects.requireNonNull(MqttQos.fromCode(qos));
  }

  private static <T> T await(String what, CompletableFuture<T> outcome) {
    try {
      return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Mqtt3ConnAckException refused ->
            throw new Refused(refused.getMqttMessage().getReturnCode().getCode());
        case Mqtt5ConnAckException refused ->
            throw new Refused(refused.getMqttMessage().getReasonCode().getCode());
        case null, default ->
            throw new AssertionError("HiveMQ's client did not " + what, e.getCause());
      }
    } catch (TimeoutException e) {
      throw new AssertionError("HiveMQ's client did not " + what + " in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while HiveMQ's client should " + what, e);
    }
  }

  private static void disconnect(CompletableFuture<?> outcome) {
    try {
      await("disconnect", outcome);
    } catch (AssertionError e) {
      // The network may have ended the connection at the same time.
      if (!(e.getCause() instanceof MqttClientStateException)
          && !(e.getCause() instanceof ConnectionClosedException)) {
        throw e;
      }
    }
  }

  private static void awaitAll(String what, List<CompletableFuture<?>> outcomes) {
    await(what, CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new)));
  }

  /// Owner: the test's thread; the client's threads hand in what arrives.
  private static final class Version3 implements RealClient {
    private final Mqtt3AsyncClient client;
    private final Arrivals arrivals = new Arrivals();

    Version3(Opening how) {
      client = builder(how).useMqttVersion3().buildAsync();
      client.publishes(
          MqttGlobalPublishFilter.ALL,
          message ->
              arrivals.add(
                  new Message(
                      message.getTopic().toString(),
                      message.getPayloadAsBytes(),
                      message.getQos().getCode(),
                      message.isRetain())));
      var connect = Mqtt3Connect.builder().cleanSession(!how.persistent());
      Opening.Will will = how.will();
      if (will != null) {
        connect =
            connect
                .willPublish()
                .topic(will.topic())
                .payload(will.payload())
                .qos(qos(will.qos()))
                .retain(will.retain())
                .applyWillPublish();
      }
      Opening.Login login = how.login();
      if (login != null) {
        connect =
            connect
                .simpleAuth()
                .username(login.username())
                .password(login.password().getBytes(UTF_8))
                .applySimpleAuth();
      }
      await("connect", client.connect(connect.build()));
    }

    @Override
    public void subscribe(String filter, int qos) {
      await("subscribe", client.subscribeWith().topicFilter(filter).qos(qos(qos)).send());
    }

    @Override
    public void publish(String topic, int qos, boolean retain, List<byte[]> payloads) {
      List<CompletableFuture<?>> outcomes = new ArrayList<>();
      for (byte[] payload : payloads) {
        outcomes.add(
            client.publishWith().topic(topic).payload(payload).qos(qos(qos)).retain(retain).send());
      }
      awaitAll("publish", outcomes);
    }

    @Override
    public Arrivals arrivals() {
      return arrivals;
    }

    @Override
    public void close() {
      if (client.getState().isConnected()) {
        disconnect(client.disconnect());
      }
    }
  }

  /// Owner: the test's thread; the client's threads hand in what arrives.
  private static final class Version5 implements RealClient {
    private final Mqtt5AsyncClient client;
    private final Arrivals arrivals = new Arrivals();

    Version5(Opening how) {
      client = builder(how).useMqttVersion5().buildAsync();
      client.publishes(
          MqttGlobalPublishFilter.ALL,
          message ->
              arrivals.add(
                  new Message(
                      message.getTopic().toString(),
                      message.getPayloadAsBytes(),
                      message.getQos().getCode(),
                      message.isRetain())));
      var connect = Mqtt5Connect.builder().cleanStart(!how.persistent());
      if (how.persistent()) {
        connect = connect.sessionExpiryInterval(Opening.SESSION_EXPIRY_SECONDS);
      }
      Opening.Will will = how.will();
      if (will != null) {
        connect =
            connect
                .willPublish()
                .topic(will.topic())
                .payload(will.payload())
                .qos(qos(will.qos()))
                .retain(will.retain())
                .applyWillPublish();
      }
      Opening.Login login = how.login();
      if (login != null) {
        connect =
            connect
                .simpleAuth()
                .username(login.username())
                .password(login.password().getBytes(UTF_8))
                .applySimpleAuth();
      }
      await("connect", client.connect(connect.build()));
    }

    @Override
    public void subscribe(String filter, int qos) {
      await("subscribe", client.subscribeWith().topicFilter(filter).qos(qos(qos)).send());
    }

    @Override
    public void publish(String topic, int qos, boolean retain, List<byte[]> payloads) {
      List<CompletableFuture<?>> outcomes = new ArrayList<>();
      for (byte[] payload : payloads) {
        outcomes.add(
            client
                .publishWith()
                .topic(topic)
                .payload(payload)
                .qos(qos(qos))
                .retain(retain)
                .send()
                .thenAccept(Version5::check));
      }
      awaitAll("publish", outcomes);
    }

    private static void check(Mqtt5PublishResult result) {
      result
          .getError()
          .ifPresent(
              error -> {
                throw new AssertionError("HiveMQ's client got an ack with an error", error);
              });
    }

    @Override
    public Arrivals arrivals() {
      return arrivals;
    }

    @Override
    public void close() {
      if (client.getState().isConnected()) {
        disconnect(client.disconnect());
      }
    }
  }
}
