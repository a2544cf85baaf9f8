package io.relais.benchmarks;

import static io.relais.benchmarks.Table.figure;

import io.relais.benchmarks.Growth.Column;
import io.relais.benchmarks.Growth.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// What `benchmarks/scale` prints about one kind: its table, and what follows from it.
///
/// The points are in the order of the rows: by size, load, broker.
record GrowthText(Growth kind, List<Point> points) {
  private static final long MILLION = 1_000_000;
  private static final String NOTHING = "-";

  GrowthText {
    points = List.copyOf(points);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n".formatted(kind.name(), kind.grows()));
    text.append(table().text());
    kind.memory().ifPresent(memory -> conclusions(memory).forEach(text::append));
    return text.toString();
  }

  private Table table() {
    List<Column> costs =
        kind.columns().stream().filter(column -> column.growth().isPresent()).toList();
    List<String> head = new ArrayList<>(List.of(kind.size(), "broker"));
    kind.columns().forEach(column -> head.add(column.title()));
    costs.forEach(cost -> head.add(cost.growth().orElseThrow()));
    head.add("");
    List<List<String>> rows = new ArrayList<>();
    String above = "";
    for (Point point : points) {
      List<String> row = new ArrayList<>();
      String size =
          String.format(Locale.ROOT, "%,d %s", point.size(), point.load().label()).strip();
      row.add(size.equals(above) ? "" : size);
      row.add(point.broker());
      for (Column column : kind.columns()) {
        boolean first = column.equals(kind.columns().getFirst());
        row.add(first && point.failed() ? "FAILED" : Table.spread(point.spread(column.figure())));
      }
      costs.forEach(cost -> row.add(orNothing(point.growth(cost, points))));
      row.add(String.join("; ", point.remarks(points)));
      rows.add(row);
      above = size;
    }
    return new Table(head, rows, 2, 1);
  }

  private List<String> conclusions(Memory memory) {
    List<String> conclusions = new ArrayList<>();
    for (String broker : points.stream().map(Point::broker).distinct().toList()) {
      List<Point> sound =
          points.stream().filter(p -> p.broker().equals(broker) && !p.failed()).toList();
      if (sound.size() < 2) {
        continue;
      }
      Optional<Slope> resident = Slope.of(sound.getFirst(), sound.getLast(), memory.residentKiB());
      if (resident.isEmpty()) {
        continue;
      }
      Slope slope = resident.get();
      if (slope.perEach() <= 0) {
        conclusions.add(
            String.format(
                Locale.ROOT,
                "%s: resident memory does not grow from %,d to %,d: too few to see what one %s takes%n",
                broker,
                slope.least(),
                slope.most(),
                memory.each()));
        continue;
      }
      conclusions.add(
          String.format(
              Locale.ROOT,
              "%s: %s bytes resident for each further %s, from %,d to %,d%n",
              broker,
              figure(slope.perEach() * 1024),
              memory.each(),
              slope.least(),
              slope.most()));
      if (memory.million()) {
        Optional<Slope> cpu =
            Slope.of(
                sound.getFirst(), sound.getLast(), report -> report.positive("hold_cpu_ms_per_s"));
        conclusions.add(
            String.format(
                Locale.ROOT,
                "%s: computed from that, not measured: %,d of them take %s GiB%s%n",
                broker,
                MILLION,
                figure(slope.at(MILLION) / (1 << 20)),
                cpu.map(c -> " and %s s of CPU a second".formatted(figure(c.at(MILLION) / 1e3)))
                    .orElse("")));
      }
    }
    return conclusions;
  }

  private static String orNothing(OptionalDouble value) {
    return value.isPresent() ? figure(value.getAsDouble()) : NOTHING;
  }
}
