package io.relais.cli.mosquitto;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A line of a file of mosquitto that says something.
///
/// @param value what follows the first word; empty: nothing
record Line(Path file, int number, String key, String value) {
  private static final int FILES_MAX = 1_000;
  private static final long FILE_BYTES_MAX = 4 << 20;

  String where() {
    return file + ":" + number;
  }

  /// The lines of a file, and in the place of an `include_dir` those of the files `*.conf` there,
  /// in their order.
  ///
  /// @throws IOException naming the file
  static List<Line> all(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (Line line : of(file)) {
      if (!line.key.equals("include_dir")) {
        lines.add(line);
        continue;
      }
      List<Path> included = new ArrayList<>();
      try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of(line.value), "*.conf")) {
        found.forEach(included::add);
      } catch (IOException e) {
        throw new IOException(line.where() + ": include_dir " + line.value + " cannot be read", e);
      }
      if (included.size() > FILES_MAX) {
        throw new IOException(line.where() + ": more than " + FILES_MAX + " files are included");
      }
      included.sort(null);
      for (Path one : included) {
        lines.addAll(of(one));
      }
    }
    return lines;
  }

  /// The lines of one file, without comments.
  static List<Line> of(Path file) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException(file + " is larger than 4 MiB and surely no configuration");
    }
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String text : Files.readAllLines(file)) {
      number++;
      String bare = text.strip();
      if (!bare.isEmpty() && !bare.startsWith("#")) {
        String[] parts = bare.split("\\s+", 2);
        lines.add(new Line(file, number, parts[0], parts.length > 1 ? parts[1].strip() : ""));
      }
    }
    return lines;
  }
}
