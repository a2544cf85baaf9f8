package io.relais.cli.client;

import io.relais.cli.client.PropertyArguments.Packet;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `relais pub`: publishes a message, or one for each line of standard input.
///
/// Owner: the main thread. At most [#WINDOW] messages are unacknowledged at a time, so that a long
/// input is not read into memory.
@Command(
    name = "pub",
    description = "Publishes a message, or one for each line of standard input.",
    exitCodeOnInvalidInput = 1,
    sortOptions = false)
public final class PubCommand implements Callable<Integer> {
  private static final int WINDOW = 1_000;

  @Option(
      names = {"-t", "--topic"},
      paramLabel = "TOPIC",
      parameterConsumer = NextArgument.class,
      description = "Topic to publish to.")
  @Nullable String topic;

  @Mixin PayloadOptions payload = new PayloadOptions();

  @Option(
      names = {"-l", "--stdin-line"},
      description = "Each line of standard input is a message.")
  boolean lines;

  @Option(
      names = {"-q", "--qos"},
      paramLabel = "QOS",
      description = "QoS (default: ${DEFAULT-VALUE}).")
  int qos;

  @Option(
      names = {"-r", "--retain"},
      description = "The server retains the message.")
  boolean retain;

  @Option(names = "--repeat", paramLabel = "COUNT", description = "Publish so many times.")
  int repeat = 1;

  @Option(
      names = "--repeat-delay",
      paramLabel = "SECONDS",
      description = "Wait between repetitions.")
  double repeatDelay;

  @Mixin ConnectOptions connect = new ConnectOptions();

  private final Semaphore window = new Semaphore(WINDOW);
  private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();

  @Override
  public Integer call() throws InterruptedException {
    connect.check(false);
    var to = topic == null ? connect.urlTopic().orElse(null) : topic;
    if (to == null) {
      throw connect.wrong("Say what topic to publish to: add -t.");
    }
    Topics.checkName(to, connect);
    Topics.checkQos(qos, connect);
    if (payload.count() + (lines ? 1 : 0) != 1) {
      throw connect.wrong("Give exactly one of -m, -f, -l, -n and -s as what to publish.");
    }
    if (repeat < 1 || repeatDelay < 0 || (lines && repeat != 1)) {
      throw connect.wrong(
          "--repeat is 1 or more, --repeat-delay 0 or more, and neither goes with -l.");
    }
    try {
      var properties = connect.properties().message(Packet.PUBLISH);
      var first = lines ? new byte[0] : payload.read();
      var message = new Message(to, first, qos, retain, properties);
      var run = new Run(connect, lines, _ -> {});
      return run.execute(
          link -> {
            if (lines) {
              publishLines(System.in, message, run);
            } else {
              publishRepeatedly(message, run);
            }
            takeWindow(WINDOW, run);
            return 0;
          });
    } catch (ClientFailure failure) {
      System.err.println("Error: " + failure.getMessage());
      return failure.exitCode();
    }
  }

  private void publishRepeatedly(Message message, Run run) throws InterruptedException {
    for (int n = 0; n < repeat; n++) {
      if (n > 0 && repeatDelay > 0) {
        Thread.sleep(Math.round(repeatDelay * 1000));
      }
      publish(message, run);
    }
  }

  private void publishLines(InputStream input, Message message, Run run)
      throws InterruptedException {
    var line = new ByteArrayOutputStream();
    try (var in = new BufferedInputStream(input, 1 << 16)) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          publish(message.withPayload(line.toByteArray()), run);
          line.reset();
        } else {
          line.write(b);
        }
      }
    } catch (IOException e) {
      throw ClientFailure.general("Cannot read standard input: " + e.getMessage());
    }
    if (line.size() > 0) {
      publish(message.withPayload(line.toByteArray()), run);
    }
  }

  private void publish(Message message, Run run) throws InterruptedException {
    takeWindow(1, run);
    run.debug("Publishing " + message.payload().length + " bytes to " + message.topic() + ".");
    var _ =
        run.link()
            .publish(message)
            .whenComplete(
                (_, error) -> {
                  if (error != null) {
                    failed.compareAndSet(null, error);
                  }
                  window.release();
                });
  }

  /// Waits for room, or until a message or the connection has failed.
  private void takeWindow(int permits, Run run) throws InterruptedException {
    while (!window.tryAcquire(permits, 100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
      run.checkAlive();
    }
    var error = failed.get();
    if (error != null) {
      throw run.explain(error);
    }
  }
}
