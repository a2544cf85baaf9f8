package io.relais.cli.client;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.unsubscribe.Mqtt5Unsubscribe;
import io.relais.cli.client.PropertyArguments.Packet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// MQTT 5, with the properties given by `-D`.
///
/// Owner: any thread; the library hands over to its event loop.
@SuppressWarnings("CheckReturnValue") // the library's builders change themselves
final class Link5 implements Link {
  private final Mqtt5AsyncClient client;
  private final Mqtt5Connect connect;
  private final PropertyArguments properties;

  Link5(ConnectOptions options, Reconnection reconnection, Consumer<Message> onMessage) {
    properties = options.properties();
    client = options.apply(MqttClient.builder().useMqttVersion5(), reconnection).buildAsync();
    connect = connectOf(options);
    client.publishes(
        MqttGlobalPublishFilter.ALL, p -> onMessage.accept(messageOf(p)), Runnable::run);
  }

  private Mqtt5Connect connectOf(ConnectOptions options) {
    var builder =
        Mqtt5Connect.builder()
            .keepAlive(options.keepAliveSeconds())
            .cleanStart(!options.durable())
            .sessionExpiryInterval(options.sessionExpirySeconds())
            .userProperties(userOf(properties.user(Packet.CONNECT)));
    var restrictions = builder.restrictions();
    options.maxInFlight().ifPresent(restrictions::sendMaximum);
    number("receive-maximum", n -> restrictions.receiveMaximum(n.intValue()));
    number("maximum-packet-size", n -> restrictions.maximumPacketSize(n.intValue()));
    number("topic-alias-maximum", n -> restrictions.topicAliasMaximum(n.intValue()));
    number("request-problem-information", n -> restrictions.requestProblemInformation(n == 1));
    number("request-response-information", n -> restrictions.requestResponseInformation(n == 1));
    restrictions.applyRestrictions();
    simpleAuth(options, builder);
    properties
        .text(Packet.CONNECT, "authentication-method")
        .ifPresent(
            method ->
                builder.enhancedAuth(
                    new FixedAuthentication(
                        method, properties.text(Packet.CONNECT, "authentication-data"))));
    options
        .will()
        .ifPresent(
            will ->
                builder.willPublish(
                    publishOf(will)
                        .asWill()
                        .extendAsWill()
                        .delayInterval(
                            properties.number(Packet.WILL, "will-delay-interval").orElse(0L))
                        .build()));
    return builder.build();
  }

  private static void simpleAuth(
      ConnectOptions options,
      com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder builder) {
    var password = options.password().map(p -> p.getBytes(StandardCharsets.UTF_8));
    if (options.user().isPresent()) {
      var auth = builder.simpleAuth().username(options.user().get());
      password.ifPresent(auth::password);
      auth.applySimpleAuth();
    } else if (password.isPresent()) {
      builder.simpleAuth().password(password.get()).applySimpleAuth();
    }
  }

  private void number(String identifier, Consumer<Long> setter) {
    properties.number(Packet.CONNECT, identifier).ifPresent(setter);
  }

  @Override
  public CompletableFuture<Void> connect() {
    return client.connect(connect).thenApply(_ -> null);
  }

  @Override
  public CompletableFuture<Integer> publish(Message message) {
    return client.publish(publishOf(message)).thenApply(Link5::reasonOf);
  }

  private static int reasonOf(Mqtt5PublishResult result) {
    return switch (result) {
      case Mqtt5PublishResult.Mqtt5Qos1Result q1 -> q1.getPubAck().getReasonCode().getCode();
      case Mqtt5PublishResult.Mqtt5Qos2Result q2 -> q2.getPubRec().getReasonCode().getCode();
      default -> 0;
    };
  }

  @Override
  public CompletableFuture<List<Integer>> subscribe(
      List<String> filters, int qos, boolean retainAsPublished) {
    var subscriptions =
        filters.stream()
            .map(
                f ->
                    Mqtt5Subscription.builder()
                        .topicFilter(f)
                        .qos(qosOf(qos))
                        .retainAsPublished(retainAsPublished)
                        .build())
            .toList();
    return client
        .subscribe(
            Mqtt5Subscribe.builder()
                .addSubscriptions(subscriptions)
                .userProperties(userOf(properties.user(Packet.SUBSCRIBE)))
                .build())
        .thenApply(ack -> ack.getReasonCodes().stream().map(c -> c.getCode()).toList());
  }

  @Override
  public CompletableFuture<Void> unsubscribe(List<String> filters) {
    return client
        .unsubscribe(
            Mqtt5Unsubscribe.builder()
                .addTopicFilters(filters.stream().map(MqttTopicFilter::of).toList())
                .userProperties(userOf(properties.user(Packet.UNSUBSCRIBE)))
                .build())
        .thenApply(_ -> null);
  }

  @Override
  public CompletableFuture<Void> disconnect() {
    var disconnect =
        Mqtt5Disconnect.builder().userProperties(userOf(properties.user(Packet.DISCONNECT)));
    properties
        .number(Packet.DISCONNECT, "session-expiry-interval")
        .ifPresent(disconnect::sessionExpiryInterval);
    return client.disconnect(disconnect.build());
  }

  private static Mqtt5Publish publishOf(Message message) {
    var properties = message.properties();
    var builder =
        Mqtt5Publish.builder()
            .topic(message.topic())
            .payload(message.payload())
            .qos(qosOf(message.qos()))
            .retain(message.retain())
            .userProperties(userOf(properties.user()));
    if (properties.contentType() != null) {
      builder.contentType(properties.contentType());
    }
    if (properties.correlation() != null) {
      builder.correlationData(properties.correlation());
    }
    if (properties.payloadFormat() != null) {
      builder.payloadFormatIndicator(
          Mqtt5PayloadFormatIndicator.fromCode(properties.payloadFormat()));
    }
    if (properties.responseTopic() != null) {
      builder.responseTopic(properties.responseTopic());
    }
    if (properties.expirySeconds() != null) {
      builder.messageExpiryInterval(properties.expirySeconds());
    }
    return builder.build();
  }

  private static Message messageOf(Mqtt5Publish publish) {
    var expiry = publish.getMessageExpiryInterval();
    return new Message(
        publish.getTopic().toString(),
        publish.getPayloadAsBytes(),
        publish.getQos().getCode(),
        publish.isRetain(),
        new Message.Properties(
            publish.getContentType().map(Object::toString).orElse(null),
            publish.getCorrelationData().map(Link5::bytesOf).orElse(null),
            publish.getPayloadFormatIndicator().map(f -> f.getCode()).orElse(null),
            publish.getResponseTopic().map(Object::toString).orElse(null),
            expiry.isPresent() ? Long.valueOf(expiry.getAsLong()) : null,
            publish.getUserProperties().asList().stream()
                .map(p -> java.util.Map.entry(p.getName().toString(), p.getValue().toString()))
                .toList()));
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static Mqtt5UserProperties userOf(List<Entry<String, String>> user) {
    return Mqtt5UserProperties.of(
        user.stream().map(p -> Mqtt5UserProperty.of(p.getKey(), p.getValue())).toList());
  }

  private static MqttQos qosOf(int qos) {
    return Objects.requireNonNull(MqttQos.fromCode(qos));
  }
}
