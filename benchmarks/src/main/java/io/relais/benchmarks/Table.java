package io.relais.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/// Text in columns: the first two to the left, figures to the right, what is behind them to the
/// left.
record Table(List<String> head, List<List<String>> rows, int leading, int trailing) {
  private static final String NOTHING = "-";

  Table {
    head = List.copyOf(head);
    rows = List.copyOf(rows);
  }

  static Table of(List<Cell> cells) {
    List<String> head =
        List.of(
            "scenario",
            "broker",
            "messages/s",
            "us CPU/message",
            "CPU:mosquitto",
            "CPU:floor",
            "rate:mosquitto",
            "MiB",
            "p50 us",
            "p99 us",
            "lost",
            "dup",
            "by CPU",
            "");
    List<List<String>> rows = new ArrayList<>();
    String above = "";
    for (Cell cell : cells) {
      String scenario = cell.row();
      rows.add(
          List.of(
              scenario.equals(above) ? "" : scenario,
              cell.broker(),
              rate(cell),
              spread(cell.cpuMicros()),
              ratio(cell, "mosquitto", cells, Cell::cpuRatioTo),
              ratio(cell, "floor", cells, Cell::cpuRatioTo),
              ratio(cell, "mosquitto", cells, Cell::rateRatioTo),
              spread(cell.residentMiB()),
              median(cell.latencyP50Micros()),
              median(cell.latencyP99Micros()),
              cell.isLeftOut() ? NOTHING : Long.toString(cell.lost()),
              cell.isLeftOut() ? NOTHING : Long.toString(cell.duplicated()),
              cell.ahead(cells).orElse(NOTHING),
              remarks(cell)));
      above = scenario;
    }
    return new Table(head, rows, 2, 2);
  }

  private static String rate(Cell cell) {
    return cell.failed() ? "FAILED" : spread(cell.rate());
  }

  /// The table of `benchmarks/durability`.
  static Table ofDurability(List<Cell> cells) {
    List<String> head =
        List.of(
            "scenario",
            "broker",
            "each/s",
            "us CPU each",
            "CPU:mosquitto",
            "CPU:hivemq",
            "rate:mosquitto",
            "rate:hivemq",
            "seconds",
            "ack p50 us",
            "ack p99 us",
            "p50 us",
            "p99 us",
            "MiB",
            "peak MiB",
            "disk MiB",
            "lost",
            "dup",
            "");
    List<List<String>> rows = new ArrayList<>();
    String above = "";
    for (Cell cell : cells) {
      String scenario = cell.row();
      rows.add(
          List.of(
              scenario.equals(above) ? "" : scenario,
              cell.broker(),
              rate(cell),
              spread(cell.cpuMicros()),
              ratio(cell, "mosquitto", cells, Cell::cpuRatioTo),
              ratio(cell, "hivemq", cells, Cell::cpuRatioTo),
              ratio(cell, "mosquitto", cells, Cell::rateRatioTo),
              ratio(cell, "hivemq", cells, Cell::rateRatioTo),
              spread(cell.seconds()),
              median(cell.ackP50Micros()),
              median(cell.ackP99Micros()),
              median(cell.latencyP50Micros()),
              median(cell.latencyP99Micros()),
              median(cell.residentMiB()),
              median(cell.peakMiB()),
              median(cell.diskMiB()),
              Long.toString(cell.lost()),
              Long.toString(cell.duplicated()),
              remarks(cell)));
      above = scenario;
    }
    return new Table(head, rows, 2, 1);
  }

  private static String ratio(
      Cell cell, String broker, List<Cell> cells, BiFunction<Cell, Cell, Optional<Spread>> figure) {
    return spread(Cell.reference(cells, cell, broker).flatMap(other -> figure.apply(cell, other)));
  }

  private static String remarks(Cell cell) {
    List<String> remarks = new ArrayList<>();
    if (cell.failed()) {
      remarks.add(
          "%d of %d runs: %s"
              .formatted(
                  cell.failures().size(),
                  cell.runs(),
                  String.join("; ", cell.failures().stream().distinct().toList())));
    }
    remarks.addAll(cell.notes());
    return String.join("; ", remarks);
  }

  static String spread(Optional<Spread> spread) {
    return spread
        .map(
            s ->
                s.min() == s.max()
                    ? figure(s.median())
                    : "%s (%s-%s)".formatted(figure(s.median()), figure(s.min()), figure(s.max())))
        .orElse(NOTHING);
  }

  private static String median(Optional<Spread> spread) {
    return spread.map(s -> figure(s.median())).orElse(NOTHING);
  }

  /// About three digits that mean something.
  static String figure(double value) {
    double size = Math.abs(value);
    String format = size < 1 ? "%.3f" : size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, value);
  }

  String text() {
    int[] widths = new int[head.size()];
    for (List<String> row : Stream.concat(Stream.of(head), rows.stream()).toList()) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    line(text, head, widths);
    for (List<String> row : rows) {
      line(text, row, widths);
    }
    return text.toString();
  }

  private void line(StringBuilder text, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      boolean left = column < leading || column >= widths.length - trailing;
      String padding = " ".repeat(widths[column] - row.get(column).length());
      line.append(left ? row.get(column) + padding : padding + row.get(column)).append("  ");
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
