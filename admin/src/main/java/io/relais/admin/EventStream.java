package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.relais.api.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Server-sent events to one caller: until it goes, which a write tells, or until the token or key
/// is over that it came with.
///
/// Owner: the virtual thread of the call.
final class EventStream implements AutoCloseable {
  /// How long a stream waits for something to tell before it looks at whether it goes on.
  static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(900);
  private static final long SIGN_OF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(15);

  /// How many streams of a kind may be open.
  static final class Places {
    private final int most;
    private final String what;
    private final AtomicInteger taken = new AtomicInteger();

    /// @param what there are no more of, like `100 streams are open already`
    Places(int most, String what) {
      this.most = most;
      this.what = what;
    }

    /// @throws Failure if all are taken
    Place take() {
      if (taken.incrementAndGet() > most) {
        taken.decrementAndGet();
        throw Failure.unavailable(most + " " + what);
      }
      return taken::decrementAndGet;
    }
  }

  /// Given back when it is closed.
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  private final Call call;
  private final OutputStream out;
  private long askedNanos = System.nanoTime();
  private long toldNanos = askedNanos;
  private long toldDropped;

  private EventStream(Call call, OutputStream out) {
    this.call = call;
    this.out = out;
  }

  /// @param comment to begin with
  static EventStream begin(Call call, String comment) throws IOException {
    HttpExchange exchange = call.exchange();
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    var stream = new EventStream(call, exchange.getResponseBody());
    stream.comment(comment.replaceAll("[\\r\\n]", " "));
    return stream;
  }

  /// To be asked behind each look for something to tell. Says so where the stream ends.
  boolean goesOn() throws IOException {
    long now = System.nanoTime();
    if (now - askedNanos >= ASK_AGAIN_NANOS) {
      askedNanos = now;
      if (!call.holds()) {
        send("end", Map.of("reason", "the token or key is over, or may not listen any more"));
        return false;
      }
    }
    if (now - toldNanos >= SIGN_OF_LIFE_NANOS) {
      comment("nothing came");
    }
    return !Thread.currentThread().isInterrupted();
  }

  /// Leaves with [#flush].
  ///
  /// @param data as JSON
  void send(String event, Object data) throws IOException {
    String json = Json.MAPPER.writeValueAsString(data);
    out.write(("event: " + event + "\ndata: " + json + "\n\n").getBytes(UTF_8));
    toldNanos = System.nanoTime();
  }

  /// @param inAll what could not be told until now
  void tellDropped(long inAll) throws IOException {
    if (inAll > toldDropped) {
      send("dropped", Map.of("dropped", inAll - toldDropped));
      toldDropped = inAll;
    }
  }

  void flush() throws IOException {
    out.flush();
  }

  private void comment(String text) throws IOException {
    out.write((": " + text + "\n\n").getBytes(UTF_8));
    out.flush();
    toldNanos = System.nanoTime();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
