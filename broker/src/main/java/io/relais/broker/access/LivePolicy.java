package io.relais.broker.access;

import java.util.function.Consumer;

/// A policy that can be exchanged while clients are connected. What was asked of [#forClient]
/// before holds until it is asked again.
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

  @Override
  public Policy forClient(Client client) {
    return now.forClient(client);
  }

  @Override
  public Verdict mayConnect(Client client, Consumer<Verdict> later) {
    return now.mayConnect(client, later);
  }

  @Override
  public Verdict mayPublish(
      Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
    return now.mayPublish(client, topic, qos, retain, later);
  }

  @Override
  public Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later) {
    return now.maySubscribe(client, filter, qos, later);
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
    return now.checksDelivery(client, filter);
  }

  @Override
  public boolean mayReceive(Client client, String topic) {
    return now.mayReceive(client, topic);
  }
}
