package io.relais.cli.client;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How `sub` and `rr` print messages.
///
/// Owner: the main thread while options are read, then the event loop.
final class PrintOptions {
  @Option(
      names = {"-F", "--format"},
      paramLabel = "FORMAT",
      parameterConsumer = NextArgument.class,
      description = {
        "Output format: %%t topic, %%p payload, %%x %%X in hexadecimal, %%l its length,",
        "%%q QoS, %%r retain, %%j JSON, %%J JSON with a JSON payload, %%I time, %%U Unix time,",
        "%%C %%D %%E %%F %%P %%R properties, @X as in strftime, \\n \\t \\0 \\e; widths as %%-20.20t"
      })
  @Nullable String format;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print the topic before the payload.")
  boolean verbose;

  @Option(names = "-N", description = "No end of line after a message.")
  boolean noEndOfLine;

  @Option(names = "--json", description = "One JSON object a line; the same as -F %%j.")
  boolean json;

  @Option(names = "--pretty", description = "JSON on several lines.")
  boolean pretty;

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private @Nullable MessageFormat parsed;

  void check(ConnectOptions options) {
    if (json && format != null) {
      throw options.wrong("Give either --json or a format (-F), not both.");
    }
    var text = json ? "%j" : format;
    try {
      parsed = text == null ? null : MessageFormat.parse(text, pretty);
    } catch (IllegalArgumentException e) {
      throw options.wrong(String.valueOf(e.getMessage()));
    }
  }

  /// Writes and flushes one message; false when nobody reads any more.
  boolean print(Message message, Clock clock, PrintStream out, Consumer<String> complaint) {
    line.reset();
    if (parsed != null) {
      parsed.print(message, ZonedDateTime.now(clock), line, e -> complaint.accept("Error: " + e));
    } else if (verbose) {
      line.writeBytes((message.topic() + " ").getBytes(StandardCharsets.UTF_8));
      line.writeBytes(
          message.payload().length == 0 && !noEndOfLine
              ? "(null)".getBytes(StandardCharsets.US_ASCII)
              : message.payload());
    } else if (message.payload().length == 0) {
      return true; // as mosquitto_sub: an empty payload alone prints nothing
    } else {
      line.writeBytes(message.payload());
    }
    if (!noEndOfLine) {
      line.write('\n');
    }
    out.write(line.toByteArray(), 0, line.size());
    return !out.checkError(); // flushes
  }
}
