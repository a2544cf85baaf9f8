package io.relais.systemtests.durability;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.Property;
import io.relais.protocol.ProtocolVersion;
import io.relais.testkit.Connecting;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/// Clients that come and go, for what becomes of their wills and sessions.
///
/// Owner: one thread at a time.
final class Leavers {
  private enum Kind {
    /// Its connection ends by the crash and it never comes back: the will comes once.
    LOST,
    /// Likewise, yet it is back before the will's delay is over: the will never comes.
    RETURNING,
    /// Its session ends long before the will's delay: the will comes once, when it does.
    EXPIRING,
    /// Says goodbye: the will never comes.
    TIDY,
    /// Its session stays, without a will.
    LASTING
  }

  private static final int LASTING_SECONDS = 3_600;

  private static final class Leaver {
    private final Kind kind;
    private final String id;
    private final int delaySeconds;
    private final int expirySeconds;
    private final Endpoint endpoint;
    private boolean accepted;
    private boolean gone;

    private Leaver(Kind kind, String id, int delaySeconds, int expirySeconds, Endpoint endpoint) {
      this.kind = kind;
      this.id = id;
      this.delaySeconds = delaySeconds;
      this.expirySeconds = expirySeconds;
      this.endpoint = endpoint;
    }

    private String will() {
      return "w/" + id + " will 1";
    }
  }

  private final History history;
  private final Fates fates;
  private final Consumer watcher;
  private final List<Leaver> present = new ArrayList<>();
  private final List<Leaver> expiring = new ArrayList<>();
  private int ids;

  Leavers(History history, Fates fates, Consumer watcher) {
    this.history = history;
    this.fates = fates;
    this.watcher = watcher;
  }

  /// Connects one more client, and ends some connections.
  ///
  /// @param acknowledged publishes what the watcher's session keeps and waits for the ack, so that
  ///   what happened before is in the log
  /// @return false if its connection ended before CONNACK
  boolean come(InetSocketAddress to, Random random, Producer acknowledged) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    int delay =
        switch (kind) {
          case LOST -> random.nextInt(3);
          case RETURNING -> 30;
          case EXPIRING -> 100;
          case TIDY, LASTING -> 0;
        };
    int expiry =
        switch (kind) {
          case LOST, RETURNING, TIDY -> 60;
          case EXPIRING -> 1;
          case LASTING -> LASTING_SECONDS;
        };
    String id = kind.toString().toLowerCase(java.util.Locale.ROOT) + ++ids;
    Leaver leaver =
        new Leaver(
            kind,
            id,
            delay,
            expiry,
            new Endpoint(id, history, to, ProtocolVersion.MQTT_5, _ -> {}));
    present.add(leaver);
    Connecting how = new Connecting(ProtocolVersion.MQTT_5, id).resuming().sessionExpiry(expiry);
    if (kind != Kind.LASTING) {
      how.will(
          "w/" + id,
          "will 1",
          2,
          false,
          Properties.builder().add(Property.WILL_DELAY_INTERVAL, (long) delay).build());
    }
    leaver.accepted = leaver.endpoint.connect(how) != null;
    if (!leaver.accepted) {
      return false;
    }
    if (kind == Kind.TIDY) {
      boolean closed = leaver.endpoint.disconnect();
      boolean logged =
          closed
              && acknowledged.publish("", "d/witness", 1, false, Book::payload) > 0
              && acknowledged.settle(Duration.ofSeconds(5));
      leaver.gone = true;
      // DISCONNECT has no ack: only what is acknowledged after it shows that it counts.
      fates.expect(leaver.will(), 0, logged ? 0 : 1, System.nanoTime(), Duration.ofSeconds(2));
    } else if (kind != Kind.RETURNING && random.nextInt(3) == 0) {
      leaver.endpoint.cut();
      ended(leaver);
    }
    return true;
  }

  private void ended(Leaver leaver) {
    if (leaver.gone) {
      return;
    }
    leaver.gone = true;
    long endedNanos = leaver.endpoint.endedNanos();
    int least = leaver.accepted ? 1 : 0;
    switch (leaver.kind) {
      case LOST -> {
        Duration delay = Duration.ofSeconds(leaver.delaySeconds);
        fates.expect(leaver.will(), least, 1, endedNanos + delay.toNanos(), delay);
      }
      case EXPIRING -> {
        Duration expiry = Duration.ofSeconds(leaver.expirySeconds);
        fates.expect(leaver.will(), least, 1, endedNanos + expiry.toNanos(), expiry);
        if (leaver.accepted) {
          expiring.add(leaver);
        }
      }
      case RETURNING, TIDY, LASTING -> {}
    }
  }

  /// All connections end now, by the crash.
  void crash() {
    for (Leaver leaver : present) {
      leaver.endpoint.cut();
      ended(leaver);
    }
  }

  /// After the restart: some are back, and sessions are there or not.
  void verify(InetSocketAddress to) {
    for (Leaver leaver : present) {
      if (!leaver.accepted) {
        continue;
      }
      if (leaver.kind == Kind.RETURNING) {
        expectSession(to, leaver, true);
        // Not only at its deadline: [Fates] looks at any time whether it came.
        fates.expect(
            leaver.will(), 0, 0, System.nanoTime(), Duration.ofSeconds(leaver.delaySeconds));
      } else if (leaver.kind == Kind.LASTING) {
        expectSession(to, leaver, true);
      }
    }
    present.clear();
    for (Iterator<Leaver> ended = expiring.iterator(); ended.hasNext(); ) {
      Leaver leaver = ended.next();
      if (watcher.count(leaver.will()) > 0) {
        // Its will came since the session had ended.
        expectSession(to, leaver, false);
        ended.remove();
      }
    }
  }

  private void expectSession(InetSocketAddress to, Leaver leaver, boolean expected) {
    Endpoint endpoint = new Endpoint(leaver.id, history, to, ProtocolVersion.MQTT_5, _ -> {});
    Packet.Connack connack =
        endpoint.connect(
            new Connecting(ProtocolVersion.MQTT_5, leaver.id).resuming().sessionExpiry(0));
    if (connack == null) {
      history.violation(leaver.id + " cannot connect");
    } else if (connack.sessionPresent() != expected) {
      history.violation(
          "%s: the session (expiry %d s) is %s"
              .formatted(leaver.id, leaver.expirySeconds, expected ? "gone" : "still there"));
    }
    endpoint.disconnect();
  }
}
