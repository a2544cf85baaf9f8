package io.relais.systemtests.clients;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;

/// Eclipse Paho's Java client for MQTT 3.1 and 3.1.1.
///
/// Owner: the test's thread; Paho's threads hand in what arrives. At most 50 messages are under way
/// at once; Paho counts a message as under way for a while after its last ack, so its own limit is
/// higher.
final class PahoClient3 implements RealClient {
  private static final long PATIENCE_MILLIS = 15_000;
  private static final int UNDER_WAY_MAX = 50;

  private final MqttAsyncClient client;
  private final Arrivals arrivals = new Arrivals();

  PahoClient3(Opening how) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setMqttVersion(how.version().level());
    options.setCleanSession(!how.persistent());
    options.setMaxInflight(1_100);
    options.setConnectionTimeout(10);
    if (how.transport().secure()) {
      options.setSocketFactory(Trust.context(how.authority()).getSocketFactory());
    }
    Opening.Will will = how.will();
    if (will != null) {
      options.setWill(will.topic(), will.payload(), will.qos(), will.retain());
    }
    Opening.Login login = how.login();
    if (login != null) {
      options.setUserName(login.username());
      options.setPassword(login.password().toCharArray());
    }
    try {
      client = new MqttAsyncClient(how.uri(), how.clientId(), new MemoryPersistence());
      client.setCallback(new Incoming());
      client.connect(options).waitForCompletion(PATIENCE_MILLIS);
    } catch (MqttException e) {
      if (e.getReasonCode() >= 1 && e.getReasonCode() <= 5) {
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
    public void connectionLost(@Nullable Throwable cause) {
      // The test sees it by what does not arrive, or ended the connection itself.
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
      // publish waits for the tokens themselves
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
