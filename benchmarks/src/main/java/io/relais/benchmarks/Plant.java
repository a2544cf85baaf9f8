package io.relais.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A client that publishes numbers as JSON at a fixed rate, on each of its topics in turn:
/// something to look at, where `mqttload` sends bytes of its own.
///
/// Owner: its thread; any thread may ask. Limits: QoS 0; what it could not send in time it sends
/// later, [#BURST] at a time.
final class Plant implements AutoCloseable {
  private static final int BURST = 10;

  private final Socket socket;
  private final int topics;
  private final long pauseNanos;
  private final Thread thread;
  private volatile boolean ending;
  private volatile long sent;
  private volatile @Nullable IOException failure;

  private Plant(Socket socket, int topics, int perSecond) {
    this.socket = socket;
    this.topics = topics;
    this.pauseNanos = TimeUnit.SECONDS.toNanos(1) * BURST / perSecond;
    this.thread = Thread.ofPlatform().daemon().name("plant").unstarted(this::run);
  }

  static Plant start(RunningBroker broker, int topics, int perSecond) throws IOException {
    Socket socket = Crowd.open(broker, 0);
    try {
      var out = new ByteArrayOutputStream();
      Crowd.connect(out, "plant", null, null, false);
      socket.getOutputStream().write(out.toByteArray());
      Crowd.answer(new DataInputStream(socket.getInputStream()), 0x20, 1, "plant");
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    var plant = new Plant(socket, topics, perSecond);
    plant.thread.start();
    return plant;
  }

  static String topic(int number) {
    return "plant/boiler-%03d".formatted(number);
  }

  long sent() {
    return sent;
  }

  /// Why it ended before it was told to, if it did.
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    long due = System.nanoTime();
    var out = new ByteArrayOutputStream();
    try {
      for (long number = 0; !ending; ) {
        out.reset();
        for (long end = number + BURST; number < end; number++) {
          publish(out, number);
        }
        socket.getOutputStream().write(out.toByteArray());
        sent = number;
        due += pauseNanos;
        LockSupport.parkNanos(due - System.nanoTime());
      }
    } catch (IOException e) {
      if (!ending) {
        failure = e;
      }
    }
  }

  private void publish(ByteArrayOutputStream out, long number) {
    double wave = Math.sin(number / 5_000.0);
    String payload =
        String.format(
            Locale.ROOT,
            "{\"temperature\":%.2f,\"pressure\":{\"bar\":%.3f},\"running\":%s,\"count\":%d}",
            80 + 10 * wave,
            1.2 + wave / 10,
            wave > -0.9,
            number);
    var body = new ByteArrayOutputStream();
    Crowd.text(body, topic((int) (number % topics)));
    body.write(0); // no properties
    body.writeBytes(payload.getBytes(StandardCharsets.UTF_8));
    out.write(0x30);
    out.write(body.size()); // below 128
    out.writeBytes(body.toByteArray());
  }

  @Override
  public void close() throws IOException {
    ending = true;
    socket.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
