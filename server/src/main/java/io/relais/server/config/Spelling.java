package io.relais.server.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// How keys are written, and which one was probably meant.
final class Spelling {
  private Spelling() {}

  /// `payloadBytes` as `payload-bytes`.
  static String kebab(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  /// `DROP_OLDEST` as `drop-oldest`.
  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The candidate that is fewest edits away, if few enough that it is likely meant.
  static Optional<String> nearest(String written, Collection<String> candidates) {
    int tolerance = Math.max(2, written.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(written, candidate) <= tolerance)
        .min(Comparator.comparingInt(candidate -> distance(written, candidate)));
  }

  /// Edits (insert, delete, replace, swap of neighbours) from one to the other, case and `-`
  /// against `_` not counted.
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT).replace('_', '-');
    String b = other.toLowerCase(Locale.ROOT).replace('_', '-');
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, edits[i - 2][j - 2] + 1);
        }
        edits[i][j] = best;
      }
    }
    return edits[a.length()][b.length()];
  }
}
