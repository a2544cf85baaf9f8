package io.relais.server;

import io.relais.broker.AckLevel;
import io.relais.broker.Broker;
import io.relais.broker.OpenListener;
import io.relais.broker.listener.Listener;
import io.relais.broker.listener.ListenerSettings;
import io.relais.broker.listener.Transport;
import io.relais.server.config.Configuration;
import io.relais.server.config.ListenerConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners that are open, which follow the configuration.
///
/// Owner: changed by one thread at a time, read by any. Limits: those of the configuration.
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  /// What one is to be.
  private record Wanted(
      ListenerConfiguration listener, ListenerSettings settings, AckLevel ackLevel) {}

  private record Open(Wanted as, OpenListener handle) {
    Relais.Serving serving() {
      return new Relais.Serving(as.listener, handle.address(), handle.connections());
    }
  }

  private final Broker broker;
  private volatile List<Open> open = List.of();

  Listeners(Broker broker) {
    this.broker = broker;
  }

  List<Relais.Serving> serving() {
    return open.stream().map(Open::serving).toList();
  }

  /// Makes them what the configuration says: those that stay the same are not touched, and neither
  /// are their clients.
  ///
  /// @param admin the configuration that the admin listener goes by
  /// @throws IOException naming the listener and what is in the way; all are as before then
  void follow(Configuration configuration, Configuration admin) throws IOException {
    List<Wanted> wanted =
        configuration.listeners().stream()
            .map(
                one ->
                    new Wanted(
                        one,
                        Relais.listenerSettings(one, configuration, admin.admin()),
                        Relais.ackLevel(one.acknowledge(configuration.mqtt()))))
            .toList();
    List<Open> left = new ArrayList<>(open);
    @Nullable Open[] next = new Open[wanted.size()];
    for (boolean same : new boolean[] {true, false}) {
      for (int i = 0; i < next.length; i++) {
        if (next[i] == null) {
          next[i] = takeFrom(left, wanted.get(i), same);
        }
      }
    }
    List<Open> made = new ArrayList<>();
    List<Open> closed = new ArrayList<>();
    try {
      for (int i = 0; i < next.length; i++) {
        if (next[i] == null && left.stream().noneMatch(inTheWayOf(wanted.get(i)))) {
          next[i] = listen(wanted.get(i), made);
        }
      }
      for (int i = 0; i < next.length; i++) {
        if (next[i] == null) {
          Listener.verify(wanted.get(i).settings); // before anybody is disconnected for it
        }
      }
      for (Open old : left) {
        broker.close(old.handle);
        closed.add(old);
      }
      for (int i = 0; i < next.length; i++) {
        if (next[i] == null) {
          next[i] = listen(wanted.get(i), made);
        }
      }
    } catch (IOException | RuntimeException e) {
      made.forEach(one -> broker.close(one.handle));
      bringBack(closed);
      throw e;
    }
    List<Open> now = new ArrayList<>();
    for (int i = 0; i < next.length; i++) {
      Open one = next[i];
      if (one != null) {
        Wanted as = wanted.get(i);
        if (!one.as.equals(as)) {
          one.handle.change(as.settings, as.ackLevel);
        }
        now.add(new Open(as, one.handle));
      }
    }
    open = List.copyOf(now);
  }

  /// @param same exactly like this one; else one that can become it while it stays open
  private static @Nullable Open takeFrom(List<Open> left, Wanted wanted, boolean same) {
    for (Open one : left) {
      boolean fits =
          same
              ? one.as.settings.equals(wanted.settings) && one.as.ackLevel == wanted.ackLevel
              : wanted.settings.needsNoOtherSocket(one.as.settings);
      if (fits) {
        left.remove(one);
        return one;
      }
    }
    return null;
  }

  private static java.util.function.Predicate<Open> inTheWayOf(Wanted wanted) {
    return old -> {
      boolean unix = wanted.settings.transport() == Transport.UNIX;
      if (unix || old.as.settings.transport() == Transport.UNIX) {
        return wanted.settings.bind().equals(old.as.settings.bind());
      }
      int port = wanted.listener.hostPort().port();
      return port != 0 && port == old.as.listener.hostPort().port();
    };
  }

  private Open listen(Wanted wanted, List<Open> made) throws IOException {
    Open opened = new Open(wanted, broker.listen(wanted.settings, wanted.ackLevel));
    made.add(opened);
    return opened;
  }

  private void bringBack(List<Open> closed) {
    List<Open> now = new ArrayList<>(open);
    for (Open old : closed) {
      int at = now.indexOf(old);
      try {
        now.set(at, new Open(old.as, broker.listen(old.as.settings, old.as.ackLevel)));
      } catch (IOException e) {
        now.remove(at);
        LOG.error("After a change that failed, a listener of before could not be opened again", e);
      }
    }
    open = List.copyOf(now);
  }
}
