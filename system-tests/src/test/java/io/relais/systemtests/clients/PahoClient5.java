package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/// Eclipse Paho's Java client for MQTT 5.0.
///
/// Owner: the test's thread; Paho's threads hand in what arrives. At most 50 messages are under way
/// at once, since Paho refuses more than the broker's Receive Maximum.
final class PahoClient5 implements RealClient {
  private static final long PATIENCE_MILLIS = 15_000;
  private static final int UNDER_WAY_MAX = 50;

  private final MqttAsyncClient client;
  private final Arrivals arrivals = new Arrivals();

  PahoClient5(Opening how) {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(!how.persistent());
    if (how.persistent()) {
      options.setSessionExpiryInterval(Opening.SESSION_EXPIRY_SECONDS);
    }
    options.setAutomaticReconnect(false);
    options.setConnectionTimeout(10);
    if (how.transport().secure()) {
      options.setSocketFactory(Trust.context(how.authority()).getSocketFactory());
    }
    Opening.Will will = how.will();
    if (will != null) {
      options.setWill(
          will.topic(), new MqttMessage(will.payload(), will.qos(), will.retain(), null));
    }
    Opening.Login login = how.login();
    if (login != null) {
      options.setUserName(login.username());
      options.setPassword(login.password().getBytes(UTF_8));
    }
    try {
      client = new MqttAsyncClient(how.uri(), how.clientId(), new MemoryPersistence());
      client.setCallback(new Incoming());
      client.connect(options).waitForCompletion(PATIENCE_MILLIS);
    } catch (MqttException e) {
      if (e.getReasonCode() >= 0x80 && e.getReasonCode() <= 0xFF) {
        throw new Refused(e.getReasonCode());
      }
      throw new AssertionError("Paho does not connect to " + how.uri(), e);
    }
  }

  private final class Incoming implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      arrivals.add(
          new Message(topic, message.getPayload(), message.getQos(), message.isRetained()));
    }

    @Override
    public void disconnected(@Nullable MqttDisconnectResponse response) {
      // The test sees it by what does not arrive, or ended the connection itself.
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
      // likewise
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
      // publish waits for the tokens themselves
    }

    @Override
    public void connectComplete(boolean reconnect, String uri) {
      // the constructor waits for the token of connect
    }

    @Override
    public void authPacketArrived(int reason, MqttProperties properties) {
      // no test authenticates that way
    }
  }

  @Override
  public void subscribe(String filter, int qos) {
    try {
      client.subscribe(filter, qos).waitForCompletion(PATIENCE_MILLIS);
    } catch (MqttException e) {
      throw new AssertionError("Paho does not subscribe to " + filter, e);
    }
  }

  @Override
  public void publish(String topic, int qos, boolean retain, List<byte[]> payloads) {
    Deque<IMqttToken> underWay = new ArrayDeque<>();
    try {
      for (byte[] payload : payloads) {
        if (underWay.size() == UNDER_WAY_MAX) {
          underWay.removeFirst().waitForCompletion(PATIENCE_MILLIS);
        }
        underWay.addLast(client.publish(topic, payload, qos, retain));
      }
      while (!underWay.isEmpty()) {
        underWay.removeFirst().waitForCompletion(PATIENCE_MILLIS);
      }
    } catch (MqttException e) {
      throw new AssertionError("Paho does not get all acks for " + topic, e);
    }
  }

  @Override
  public Arrivals arrivals() {
    return arrivals;
  }

  @Override
  public void close() {
    try {
      if (client.isConnected()) {
        client.disconnect().waitForCompletion(PATIENCE_MILLIS);
      }
      client.close(true);
    } catch (MqttException e) {
      throw new AssertionError("Paho does not disconnect", e);
    }
  }
}
