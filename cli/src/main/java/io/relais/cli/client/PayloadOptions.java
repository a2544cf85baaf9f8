package io.relais.cli.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where the payload of a message comes from: exactly one of these.
///
/// Owner: the main thread.
final class PayloadOptions {
  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      parameterConsumer = NextArgument.class,
      description = "The payload.")
  @Nullable String message;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "A file whose contents are the payload.")
  @Nullable Path file;

  @Option(
      names = {"-n", "--null-message"},
      description = "An empty payload.")
  boolean empty;

  @Option(
      names = {"-s", "--stdin-file"},
      description = "All of standard input is the payload.")
  boolean input;

  int count() {
    return (int)
        Stream.of(message != null, file != null, empty, input).filter(given -> given).count();
  }

  byte[] read() {
    try {
      if (message != null) {
        return message.getBytes(StandardCharsets.UTF_8);
      }
      if (file != null) {
        return Files.readAllBytes(file);
      }
      return input ? System.in.readAllBytes() : new byte[0];
    } catch (IOException e) {
      throw ClientFailure.general(
          "Cannot read the payload from " + (file == null ? "standard input" : file) + ": " + e);
    }
  }
}
