package io.relais.broker.access;

import java.util.function.Consumer;

/// What clients may do. Asked on the client's loop, so it must not block there: it answers at once,
/// or says LATER and gives the answer to `later`, once, from any thread. Until then the connection
/// is read no further.
public interface Policy {
  enum Verdict {
    ALLOW,
    DENY,
    LATER
  }

  /// After authentication, before the session is touched.
  Verdict mayConnect(Client client, Consumer<Verdict> later);

  Verdict mayPublish(Client client, String topic, int qos, boolean retain, Consumer<Verdict> later);

  /// @param filter the filter that is matched: without `$share/<group>/` or `$exclusive/`
  Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later);

  /// What holds for one client; asked once for each connection, and again when it authenticates
  /// anew.
  default Policy forClient(Client client) {
    return this;
  }

  /// Whether everything is allowed, so that nothing needs to be asked.
  default boolean isOpen() {
    return false;
  }

  /// Whether the same question always has the same answer for this client, so that it may be
  /// remembered.
  default boolean isStable() {
    return false;
  }

  /// Whether [#mayReceive] must be asked for each message to a client that has this subscription;
  /// others pay nothing.
  default boolean checksDelivery(Client client, String filter) {
    return false;
  }

  /// At delivery, at once.
  default boolean mayReceive(Client client, String topic) {
    return true;
  }

  /// Everything is allowed.
  Policy OPEN =
      new Policy() {
        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public Verdict mayConnect(Client client, Consumer<Verdict> later) {
          return Verdict.ALLOW;
        }

        @Override
        public Verdict mayPublish(
            Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
          return Verdict.ALLOW;
        }

        @Override
        public Verdict maySubscribe(
            Client client, String filter, int qos, Consumer<Verdict> later) {
          return Verdict.ALLOW;
        }
      };
}
