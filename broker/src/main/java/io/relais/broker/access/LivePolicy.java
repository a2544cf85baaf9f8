package io.relais.broker.access;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A policy that can be exchanged while clients are connected. What was asked of [#forClient]
/// before holds until it is asked again. Rules that came with a client's log-in stand in its place
/// for that client, but for whether it may connect.
///
/// Owner: any thread.
public final class LivePolicy implements Policy {
  private volatile Policy now;

  public LivePolicy(Policy first) {
    now = first;
  }

  public void set(Policy policy) {
    now = policy;
  }

  private Policy of(Client client) {
    Rules own = client.grant().rules();
    return own == null ? now : own;
  }

  /// The rules that hold for a client; null: something else decides.
  public @Nullable Rules rules(Client client) {
    return of(client) instanceof Rules rules ? rules : null;
  }

  @Override
  public Policy forClient(Client client) {
    return of(client).forClient(client);
  }

  @Override
  public Verdict mayConnect(Client client, Consumer<Verdict> later) {
    return now.mayConnect(client, later);
  }

  @Override
  public Verdict mayPublish(
      Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
    return of(client).mayPublish(client, topic, qos, retain, later);
  }

  @Override
  public Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later) {
    return of(client).maySubscribe(client, filter, qos, later);
  }

  @Override
  public boolean isOpen() {
    return now.isOpen();
  }

  @Override
  public boolean isStable() {
    return now.isStable();
  }

  @Override
  public boolean checksDelivery(Client client, String filter) {
    return of(client).checksDelivery(client, filter);
  }

  @Override
  public boolean mayReceive(Client client, String topic) {
    return of(client).mayReceive(client, topic);
  }
}
