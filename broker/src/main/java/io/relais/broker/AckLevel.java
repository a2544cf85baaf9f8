package io.relais.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.relais.protocol.Properties;
import io.relais.protocol.PublishView;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an acknowledgement stands for. Ordered: each level includes those before it.
public enum AckLevel {
  /// In memory, and handed to the store where it must survive.
  RECEIVED,
  /// Synced to disk here.
  PERSISTED,
  /// Synced to disk on a majority of the cluster.
  REPLICATED;

  /// The user property by which a client asks, and is answered.
  static final String PROPERTY = "relais-ack";

  private static final byte[] PROPERTY_BYTES = PROPERTY.getBytes(US_ASCII);
  private static final AckLevel[] ALL = values();

  private static final byte[][] LABELS =
      Arrays.stream(ALL).map(level -> level.label().getBytes(US_ASCII)).toArray(byte[][]::new);
  private static final List<Properties> ANSWERS =
      Arrays.stream(ALL)
          .map(level -> Properties.builder().addUser(PROPERTY, level.label()).build())
          .toList();

  /// What a PUBLISH asks for: null where it does not ask, [#RECEIVED] where it only wants to know
  /// (`?`, or a value that is no level). Of several the highest counts.
  static @Nullable AckLevel asked(PublishView view) {
    if (!view.hasUserProperty()) {
      return null;
    }
    AckLevel asked = null;
    int start = view.userProperty(PROPERTY_BYTES, view.propertiesStart());
    while (start >= 0) {
      int end = view.userPropertyEnd(start);
      AckLevel level = of(view.array(), start, end);
      asked = asked == null ? level : asked.or(level);
      start = view.userProperty(PROPERTY_BYTES, end);
    }
    return asked;
  }

  private static AckLevel of(byte[] array, int start, int end) {
    for (AckLevel level : ALL) {
      byte[] label = LABELS[level.ordinal()];
      if (Arrays.equals(label, 0, label.length, array, start, end)) {
        return level;
      }
    }
    return RECEIVED;
  }

  /// The higher of the two.
  AckLevel or(AckLevel other) {
    return compareTo(other) < 0 ? other : this;
  }

  /// The properties of an ack that says this level.
  Properties answer() {
    return ANSWERS.get(ordinal());
  }

  /// As clients and the API write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
