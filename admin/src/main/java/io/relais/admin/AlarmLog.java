package io.relais.admin;

import io.relais.api.Alarm;
import io.relais.api.Json;
import io.relais.broker.Administration;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Alarms that are and were: in the log, as events, and kept as documents. Nothing here waits for
/// the store, since that it is slow is one of the alarms.
///
/// Owner: any thread; the state is behind it. Limits: the newest [#KEPT_MAX].
final class AlarmLog implements Alarms.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(AlarmLog.class);
  static final int KEPT_MAX = 1_000;

  private final Administration broker;
  private final Shelf<Alarm> shelf;

  /// Alarms that were active when the node ended are over.
  AlarmLog(Administration broker) {
    this.broker = broker;
    this.shelf = new Shelf<>(broker, "alarms", Alarm.class);
    Instant now = Instant.ofEpochMilli(broker.logTimeMillis());
    Map<String, Alarm> over = new LinkedHashMap<>();
    for (String id : shelf.ids()) {
      Alarm alarm = shelf.get(id);
      if (alarm != null && alarm.clearedAt() == null) {
        over.put(id, Alarms.cleared(alarm, now));
      }
    }
    shelf.putAll(over);
  }

  @Override
  public void raised(Alarm alarm) {
    LOG.warn("Alarm {}{}: {}", alarm.name(), of(alarm), alarm.message());
    keep(alarm, "$events/alarm/raised");
  }

  @Override
  public void cleared(Alarm alarm) {
    LOG.info("Alarm {}{} is over", alarm.name(), of(alarm));
    keep(alarm, "$events/alarm/cleared");
  }

  private static String of(Alarm alarm) {
    return alarm.subject() == null ? "" : " of " + alarm.subject();
  }

  private void keep(Alarm alarm, String topic) {
    try {
      shelf.putLater(alarm.id(), alarm);
      List<String> beyond =
          shelf.ids().stream().limit(Math.max(0, shelf.size() - KEPT_MAX)).toList();
      beyond.forEach(shelf::dropLater);
      broker
          .insight()
          .announce(topic, Json.MAPPER.writeValueAsString(alarm).getBytes(StandardCharsets.UTF_8));
    } catch (IllegalStateException e) {
      LOG.debug("The node ends before an alarm is kept and told: {}", e.toString());
    }
  }

  NavigableSet<String> newestFirst() {
    return shelf.ids().descendingSet();
  }

  @Nullable Alarm get(String id) {
    return shelf.get(id);
  }
}
