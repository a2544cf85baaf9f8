package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All results as JSON: machine, versions, the table's cells, and each run with the generator's own
/// line.
record ResultFile(
    Machine machine,
    Options options,
    Map<String, String> versions,
    List<Cell> cells,
    List<SideBySide.Run> runs) {

  void write(Path file) throws IOException {
    Path directory = Optional.ofNullable(file.getParent()).orElse(Path.of("."));
    Files.createDirectories(directory);
    Path whole = Files.createTempFile(directory, "results", ".json");
    Files.writeString(whole, text());
    Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
  }

  String text() {
    List<String> versionFields = new ArrayList<>();
    versions.forEach((name, version) -> versionFields.add(quoted(name) + ":" + quoted(version)));
    return """
    {"format":"relais-side-by-side/2",
    "machine":{"processor":%s,"processors":%d,"memory":%s,"kernel":%s,"load":%s,"java":%s,"date":%s,"commit":%s},
    "rounds":%d,"seconds":%s,"warmSeconds":%s,"pinned":%s,
    "versions":{%s},
    "cells":[
    %s
    ],
    "runs":[
    %s
    ]}
    """
        .formatted(
            quoted(machine.processor()),
            machine.processors(),
            quoted(machine.memory()),
            quoted(machine.kernel()),
            quoted(machine.load()),
            quoted(machine.java()),
            quoted(machine.date().toString()),
            quoted(machine.commit()),
            options.rounds(),
            options.seconds(),
            options.warmSeconds(),
            options.pin(),
            String.join(",", versionFields),
            String.join(",\n", cells.stream().map(this::cell).toList()),
            String.join(",\n", runs.stream().map(ResultFile::run).toList()));
  }

  private String cell(Cell cell) {
    return """
    {"scenario":%s,"phase":%s,"broker":%s,"runs":%d,"failed":%s,"failures":[%s],"rate":%s,"cpuMicros":%s,\
    "ratios":{%s},"ahead":%s,\
    "residentMiB":%s,"latencyP50Micros":%s,"latencyP99Micros":%s,"lost":%d,"duplicated":%d,"notes":[%s]}"""
        .formatted(
            quoted(cell.scenario().name()),
            quoted(cell.phase().label()),
            quoted(cell.broker()),
            cell.runs(),
            cell.failed(),
            all(cell.failures()),
            spread(cell.rate()),
            spread(cell.cpuMicros()),
            String.join(",", Cell.others(cells, cell).map(other -> ratios(cell, other)).toList()),
            cell.ahead(cells).map(ResultFile::quoted).orElse("null"),
            spread(cell.residentMiB()),
            spread(cell.latencyP50Micros()),
            spread(cell.latencyP99Micros()),
            cell.lost(),
            cell.duplicated(),
            all(cell.notes()));
  }

  private static String ratios(Cell cell, Cell other) {
    return "%s:{\"cpu\":%s,\"rate\":%s}"
        .formatted(
            quoted(other.broker()),
            spread(cell.cpuRatioTo(other)),
            spread(cell.rateRatioTo(other)));
  }

  private static String run(SideBySide.Run run) {
    String failed =
        switch (run.outcome()) {
          case Outcome.Measured _ -> "null";
          case Outcome.Failed failure -> quoted(failure.reason());
        };
    String report =
        switch (run.outcome()) {
          case Outcome.Measured measured -> measured.report().line();
          case Outcome.Failed failure -> failure.report().map(LoadReport::line).orElse("null");
        };
    return "{\"scenario\":%s,\"broker\":%s,\"round\":%d,\"failed\":%s,\"report\":%s}"
        .formatted(
            quoted(run.scenario().name()), quoted(run.broker()), run.round(), failed, report);
  }

  private static String spread(Optional<Spread> spread) {
    return spread
        .map(s -> "{\"median\":%s,\"min\":%s,\"max\":%s}".formatted(s.median(), s.min(), s.max()))
        .orElse("null");
  }

  private static String all(List<String> texts) {
    return String.join(",", texts.stream().map(ResultFile::quoted).toList());
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        default -> quoted.append(c < ' ' ? "\\u%04x".formatted((int) c) : Character.toString(c));
      }
    }
    return quoted.append('"').toString();
  }
}
