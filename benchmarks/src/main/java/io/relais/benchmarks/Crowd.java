package io.relais.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// MQTT 5 clients that are there or were there, for measuring what an operator's calls cost beside
/// them: each has a session that lasts, with one subscription.
///
/// Owner: any thread. Limits: [#AT_ONCE] of them on their way at a time; a client waits 30 s for an
/// answer.
final class Crowd implements AutoCloseable {
  private static final int AT_ONCE = 64;
  private static final int ADDRESSES = 8; // 28,000 ports each
  private static final int PATIENCE_MILLIS = 30_000;

  private final RunningBroker broker;
  private final List<Socket> connected = new ArrayList<>();

  Crowd(RunningBroker broker) {
    this.broker = broker;
  }

  static String clientId(int number) {
    return "device-%06d".formatted(number);
  }

  /// Clients from 0 on that came, subscribed and went.
  void store(int count) throws IOException, InterruptedException {
    each(count, number -> join(number).close());
  }

  /// Clients from 0 on that stay.
  void connect(int count) throws IOException, InterruptedException {
    each(
        count,
        number -> {
          Socket socket = join(number);
          synchronized (connected) {
            connected.add(socket);
          }
        });
  }

  private interface Step {
    void run(int number) throws IOException;
  }

  private static void each(int count, Step step) throws IOException, InterruptedException {
    var next = new AtomicInteger();
    Callable<Void> worker =
        () -> {
          for (int number; (number = next.getAndIncrement()) < count; ) {
            step.run(number);
          }
          return null;
        };
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> all =
          workers.invokeAll(IntStream.range(0, AT_ONCE).mapToObj(one -> worker).toList());
      for (Future<Void> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a client of the crowd: " + e.getCause(), e);
    }
  }

  private Socket join(int number) throws IOException {
    Socket socket = open(broker, number);
    try {
      var out = new ByteArrayOutputStream();
      connect(out, clientId(number), null, null, true);
      out.writeBytes(new byte[] {(byte) 0x82, 0, 0, 1, 0}); // SUBSCRIBE, packet id 1
      text(out, "plant/" + number % 100 + "/" + clientId(number) + "/set");
      out.write(1); // QoS
      byte[] packets = out.toByteArray();
      int subscribe = 2 + packets[1];
      packets[subscribe + 1] = (byte) (packets.length - subscribe - 2);
      socket.getOutputStream().write(packets);
      var in = new DataInputStream(socket.getInputStream());
      answer(in, 0x20, 1, clientId(number));
      answer(in, 0x90, 3, clientId(number));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /// Signs in once with a name and a password, and goes.
  static void signIn(RunningBroker broker, int number, String username, String password)
      throws IOException {
    try (Socket socket = open(broker, number)) {
      var out = new ByteArrayOutputStream();
      connect(out, "visitor-" + number, username, password, false);
      socket.getOutputStream().write(out.toByteArray());
      answer(new DataInputStream(socket.getInputStream()), 0x20, 1, username);
    }
  }

  static Socket open(RunningBroker broker, int number) throws IOException {
    var socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.bind(new InetSocketAddress("127.0.0." + (1 + number % ADDRESSES), 0));
    socket.connect(new InetSocketAddress(broker.host(), broker.port()), PATIENCE_MILLIS);
    return socket;
  }

  static void connect(
      ByteArrayOutputStream out,
      String clientId,
      @Nullable String username,
      @Nullable String password,
      boolean lasting) {
    var body = new ByteArrayOutputStream();
    text(body, "MQTT");
    body.write(5);
    body.write((username == null ? 0 : 0xC0) | (lasting ? 0 : 2));
    body.writeBytes(new byte[] {0, 0}); // keep alive
    body.writeBytes(
        lasting ? new byte[] {5, 0x11, 0x7F, -1, -1, -1} : new byte[] {0}); // session expiry
    text(body, clientId);
    if (username != null && password != null) {
      text(body, username);
      text(body, password);
    }
    out.write(0x10);
    out.write(body.size()); // below 128
    out.writeBytes(body.toByteArray());
  }

  static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(bytes.length >> 8);
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  /// @param reasonAt where behind the fixed header the reason code stands
  static void answer(DataInputStream in, int type, int reasonAt, String who) throws IOException {
    int first = in.read();
    if (first < 0) {
      throw new EOFException(who + " was let go without an answer");
    }
    int length = in.readUnsignedByte(); // of both answers below 128
    byte[] body = in.readNBytes(length);
    int reason = body.length > reasonAt ? body[reasonAt] & 0xFF : -1;
    if (first != type || reason < 0 || reason >= 0x80) {
      throw new IOException(
          "%s was refused: type 0x%02x, %d bytes, reason %d".formatted(who, first, length, reason));
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : connected) {
      socket.close();
    }
  }
}
