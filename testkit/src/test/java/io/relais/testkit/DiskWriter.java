package io.relais.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// A program that does to files what its arguments say, prints how each step went, says `done` and
/// waits to be killed.
public final class DiskWriter {
  private DiskWriter() {}

  public static void main(String[] steps) throws IOException {
    for (String step : steps) {
      String said = "ok";
      try {
        carryOut(step.split(" "));
      } catch (IOException e) {
        said = String.valueOf(e.getMessage()).replaceAll("^.*: ", "");
      }
      System.out.println(said);
    }
    System.out.println("done");
    int end = System.in.read();
    System.exit(end);
  }

  private static void carryOut(String[] words) throws IOException {
    Path path = Path.of(words[1]);
    switch (words[0]) {
      case "make" -> Files.createDirectory(path);
      case "write" -> write(path, 0, words[2], true);
      case "overwrite" -> write(path, 0, words[2], false);
      case "rename" -> Files.move(path, Path.of(words[2]), StandardCopyOption.ATOMIC_MOVE);
      case "remove" -> Files.delete(path);
      case "sync" -> {
        try (FileChannel channel = FileChannel.open(path, READ)) {
          channel.force(true);
        }
      }
      case "map" -> {
        try (FileChannel channel = FileChannel.open(path, READ, WRITE)) {
          channel.map(FileChannel.MapMode.READ_WRITE, 0, 1).put(0, (byte) 'x');
        }
      }
      default -> throw new IllegalArgumentException("no such step: " + words[0]);
    }
  }

  private static void write(Path path, long at, String text, boolean append) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
    try (FileChannel channel =
        append ? FileChannel.open(path, CREATE, APPEND) : FileChannel.open(path, CREATE, WRITE)) {
      if (append) {
        channel.write(bytes);
      } else {
        channel.write(bytes, at);
      }
    }
  }
}
