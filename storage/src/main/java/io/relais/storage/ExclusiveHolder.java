package io.relais.storage;

import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import org.jspecify.annotations.Nullable;

/// Who has a filter to itself.
///
/// @param node where a transient session is connected; null: a persistent session, whose
///   subscription it is
/// @param incarnation of that node; 0 without one
record ExclusiveHolder(String clientId, @Nullable String node, long incarnation) {

  void write(ByteWriter to) {
    to.sized(clientId).u1(node == null ? 0 : 1);
    if (node != null) {
      to.sized(node).variable(incarnation);
    }
  }

  static ExclusiveHolder read(ByteReader from) {
    String clientId = from.string();
    return from.u1() == 0
        ? new ExclusiveHolder(clientId, null, 0)
        : new ExclusiveHolder(clientId, from.string(), from.variable());
  }
}
