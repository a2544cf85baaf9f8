package io.relais.admin;

import io.relais.api.Alarm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Alarms that are active, and those that were. An alarm is raised when things were bad some looks
/// in a row, and cleared when they were good some looks in a row; what is neither leaves it as it
/// is, so that a value at the threshold does not raise and clear it again and again.
///
/// Owner: guarded by itself. Limits: [#SUBJECTS_MAX] subjects.
final class Alarms {
  private static final int SUBJECTS_MAX = 1_000;

  /// What an alarm is about.
  private record Key(AlarmName name, @Nullable String subject) {}

  private static final class Standing {
    int bad;
    int good;
    @Nullable Alarm active;
  }

  /// Learns what happens to alarms; must not wait.
  interface Listener {
    void raised(Alarm alarm);

    void cleared(Alarm alarm);
  }

  private final LongSupplier nowMillis;
  private final Listener listener;
  private final Map<Key, Standing> standings = new HashMap<>();
  private long lastId;

  Alarms(LongSupplier nowMillis, Listener listener) {
    this.nowMillis = nowMillis;
    this.listener = listener;
  }

  static Alarm cleared(Alarm alarm, Instant at) {
    return new Alarm(
        alarm.id(),
        alarm.name(),
        alarm.subject(),
        alarm.severity(),
        alarm.message(),
        alarm.value(),
        alarm.threshold(),
        alarm.raisedAt(),
        at);
  }

  /// One look at something.
  ///
  /// @param subject null: there is only one
  /// @param bad at or beyond the threshold
  /// @param good well within it; never both
  synchronized void see(
      AlarmName name,
      @Nullable String subject,
      boolean bad,
      boolean good,
      double value,
      double threshold,
      Supplier<String> message) {
    var key = new Key(name, subject);
    Standing standing = standings.get(key);
    if (standing == null) {
      if (!bad || standings.size() >= SUBJECTS_MAX) {
        return;
      }
      standing = new Standing();
      standings.put(key, standing);
    }
    standing.bad = bad ? standing.bad + 1 : 0;
    standing.good = good ? standing.good + 1 : 0;
    if (standing.active == null && standing.bad >= name.raiseAfter) {
      standing.active = raise(name, subject, value, threshold, message.get());
    } else if (standing.active != null && standing.good >= name.clearAfter) {
      clear(standing.active);
      standings.remove(key);
    } else if (standing.active == null && !bad) {
      standings.remove(key);
    }
  }

  /// Subjects that are no more have no alarms.
  synchronized void keepOnly(AlarmName name, List<String> subjects) {
    List<Key> gone = new ArrayList<>();
    standings.forEach(
        (key, standing) -> {
          if (key.name == name && key.subject != null && !subjects.contains(key.subject)) {
            gone.add(key);
          }
        });
    for (Key key : gone) {
      Standing standing = standings.remove(key);
      if (standing != null && standing.active != null) {
        clear(standing.active);
      }
    }
  }

  private Alarm raise(
      AlarmName name, @Nullable String subject, double value, double threshold, String message) {
    long now = nowMillis.getAsLong();
    lastId = Math.max(lastId + 1, now * 1_000);
    var alarm =
        new Alarm(
            "%019d".formatted(lastId),
            name.label(),
            subject,
            name.severity,
            message,
            value,
            threshold,
            Instant.ofEpochMilli(now),
            null);
    listener.raised(alarm);
    return alarm;
  }

  private void clear(Alarm alarm) {
    listener.cleared(cleared(alarm, Instant.ofEpochMilli(nowMillis.getAsLong())));
  }

  /// The oldest first.
  synchronized List<Alarm> active() {
    List<Alarm> found = new ArrayList<>();
    for (Standing standing : standings.values()) {
      if (standing.active != null) {
        found.add(standing.active);
      }
    }
    found.sort(Comparator.comparing(Alarm::id));
    return found;
  }

  synchronized int active(AlarmName name) {
    int count = 0;
    for (Map.Entry<Key, Standing> one : standings.entrySet()) {
      count += one.getKey().name == name && one.getValue().active != null ? 1 : 0;
    }
    return count;
  }
}
