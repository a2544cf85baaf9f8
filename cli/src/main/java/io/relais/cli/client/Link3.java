package io.relais.cli.client;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt3.message.unsubscribe.Mqtt3Unsubscribe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// MQTT 3.1.1.
///
/// Owner: any thread; the library hands over to its event loop.
@SuppressWarnings("CheckReturnValue") // the library's builders change themselves
final class Link3 implements Link {
  /// A 3.1.1 server cannot say how many unacknowledged messages it takes, and servers are known to
  /// acknowledge and then drop what exceeds twenty.
  private static final int IN_FLIGHT_MAX = 20;

  private final Mqtt3AsyncClient client;
  private final Mqtt3Connect connect;

  Link3(ConnectOptions options, Reconnection reconnection, Consumer<Message> onMessage) {
    client = options.apply(MqttClient.builder().useMqttVersion3(), reconnection).buildAsync();
    var builder =
        Mqtt3Connect.builder()
            .keepAlive(options.keepAliveSeconds())
            .cleanSession(!options.durable());
    builder
        .restrictions()
        .sendMaximum(options.maxInFlight().orElse(IN_FLIGHT_MAX))
        .applyRestrictions();
    options
        .user()
        .ifPresent(
            name -> {
              var auth = builder.simpleAuth().username(name);
              options.password().ifPresent(p -> auth.password(p.getBytes(StandardCharsets.UTF_8)));
              auth.applySimpleAuth();
            });
    options.will().ifPresent(will -> builder.willPublish(publishOf(will)));
    connect = builder.build();
    client.publishes(
        MqttGlobalPublishFilter.ALL, p -> onMessage.accept(messageOf(p)), Runnable::run);
  }

  @Override
  public CompletableFuture<Void> connect() {
    return client.connect(connect).thenApply(_ -> null);
  }

  @Override
  public CompletableFuture<Integer> publish(Message message) {
    return client.publish(publishOf(message)).thenApply(_ -> 0);
  }

  @Override
  public CompletableFuture<List<Integer>> subscribe(
      List<String> filters, int qos, boolean retainAsPublished) {
    var subscriptions =
        filters.stream()
            .map(f -> Mqtt3Subscription.builder().topicFilter(f).qos(qosOf(qos)).build())
            .toList();
    return client
        .subscribe(Mqtt3Subscribe.builder().addSubscriptions(subscriptions).build())
        .thenApply(ack -> ack.getReturnCodes().stream().map(c -> c.getCode()).toList());
  }

  @Override
  public CompletableFuture<Void> unsubscribe(List<String> filters) {
    var all = filters.stream().map(com.hivemq.client.mqtt.datatypes.MqttTopicFilter::of).toList();
    return client.unsubscribe(Mqtt3Unsubscribe.builder().addTopicFilters(all).build());
  }

  @Override
  public CompletableFuture<Void> disconnect() {
    return client.disconnect();
  }

  private static Mqtt3Publish publishOf(Message message) {
    return Mqtt3Publish.builder()
        .topic(message.topic())
        .payload(message.payload())
        .qos(qosOf(message.qos()))
        .retain(message.retain())
        .build();
  }

  private static Message messageOf(Mqtt3Publish publish) {
    return Message.of(
        publish.getTopic().toString(),
        publish.getPayloadAsBytes(),
        publish.getQos().getCode(),
        publish.isRetain());
  }

  private static MqttQos qosOf(int qos) {
    return Objects.requireNonNull(MqttQos.fromCode(qos));
  }
}
