package io.relais.admin;

import io.relais.api.AlarmSeverity;
import java.util.Locale;

/// The kinds of alarms.
enum AlarmName {
  MEMORY_HIGH(AlarmSeverity.WARNING, 10, 30),
  DISK_NEARLY_FULL(AlarmSeverity.CRITICAL, 1, 10),
  SYNC_SLOW(AlarmSeverity.WARNING, 10, 30),
  CONNECTIONS_HIGH(AlarmSeverity.WARNING, 3, 10),
  STORE_NEARLY_FULL(AlarmSeverity.WARNING, 3, 10),
  CERTIFICATE_EXPIRES(AlarmSeverity.WARNING, 1, 1),
  LISTENER_DOWN(AlarmSeverity.CRITICAL, 2, 2),
  CONNECTS_REFUSED(AlarmSeverity.WARNING, 3, 30),
  MESSAGES_DROPPED(AlarmSeverity.WARNING, 3, 30),
  NODE_STALLS(AlarmSeverity.CRITICAL, 1, 10),
  CPU_HIGH(AlarmSeverity.WARNING, 3, 30);

  final AlarmSeverity severity;

  /// Looks in a row at which it must be bad until it is raised, and good until it is cleared.
  final int raiseAfter;

  final int clearAfter;

  AlarmName(AlarmSeverity severity, int raiseAfter, int clearAfter) {
    this.severity = severity;
    this.raiseAfter = raiseAfter;
    this.clearAfter = clearAfter;
  }

  /// As the API and metrics have it.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
