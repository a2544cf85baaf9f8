package io.relais.cli.client;

import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedListener;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedListener;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// What happens when a connection is lost: try again with a growing delay (a quarter of a second to
/// ten seconds), subscribe again, send unacknowledged messages again; or end.
///
/// A connection that never was, a refusal that another attempt would meet again, and a taken-over
/// session end at once. Owner: the event loop.
final class Reconnection implements MqttClientConnectedListener, MqttClientDisconnectedListener {
  private static final long FIRST_DELAY_MILLIS = 250;
  private static final long LARGEST_DELAY_MILLIS = 10_000;

  private final boolean wanted;
  private final Explanation explanation;
  private final Consumer<String> notice;
  private final CompletableFuture<Integer> lost = new CompletableFuture<>();
  private boolean connectedOnce;

  Reconnection(boolean wanted, Explanation explanation, Consumer<String> notice) {
    this.wanted = wanted;
    this.explanation = explanation;
    this.notice = notice;
  }

  /// Fails with a [ClientFailure] when the connection is lost for good.
  CompletableFuture<Integer> lost() {
    return lost;
  }

  @Override
  public void onConnected(MqttClientConnectedContext context) {
    if (connectedOnce) {
      notice.accept("Connected again.");
    }
    connectedOnce = true;
  }

  @Override
  public void onDisconnected(MqttClientDisconnectedContext context) {
    if (context.getSource() == MqttDisconnectSource.USER) {
      return;
    }
    var cause = context.getCause();
    var failure = explanation.of(cause);
    if (!wanted || !connectedOnce || explanation.isPermanent(cause)) {
      lost.completeExceptionally(failure);
      return;
    }
    var attempts = context.getReconnector().getAttempts();
    var delay = Math.min(LARGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(attempts, 10));
    if (attempts == 0) {
      notice.accept("Connection to " + explanation.address() + " lost, trying again.");
    }
    context
        .getReconnector()
        .reconnect(true)
        .resubscribeIfSessionExpired(true)
        .republishIfSessionExpired(true)
        .delay(delay, TimeUnit.MILLISECONDS);
  }
}
