package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// mosquitto_pub for each publish, and one mosquitto_sub from the subscription on.
///
/// Owner: the test's thread; a thread reads what mosquitto_sub prints.
final class MosquittoClient implements RealClient {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PACKAGE = "mosquitto-clients";
  private static final String MARK = "MESSAGE ";

  private final Opening how;
  private final Arrivals arrivals = new Arrivals();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> subscribed = new CompletableFuture<>();
  private @Nullable Process subscriber;

  MosquittoClient(Opening how) {
    this.how = how;
  }

  /// The options of all three programs.
  static List<String> command(String program, Opening how) {
    List<String> command = new ArrayList<>();
    command.add(Tool.require(program, PACKAGE).toString());
    command.addAll(
        List.of("-h", how.to().getHostString(), "-p", String.valueOf(how.to().getPort())));
    command.addAll(
        List.of(
            "-V",
            switch (how.version()) {
              case MQTT_3_1 -> "mqttv31";
              case MQTT_3_1_1 -> "mqttv311";
              case MQTT_5 -> "mqttv5";
            }));
    if (how.transport().secure()) {
      command.addAll(List.of("--cafile", how.authority().toString()));
    }
    Opening.Login login = how.login();
    if (login != null) {
      command.addAll(List.of("-u", login.username(), "-P", login.password()));
    }
    return command;
  }

  @Override
  public void subscribe(String filter, int qos) {
    if (subscriber != null) {
      throw new IllegalStateException("one mosquitto_sub subscribes once");
    }
    // It would hold its lines back otherwise, since they go to a pipe.
    List<String> command =
        new ArrayList<>(List.of(Tool.require("stdbuf", "coreutils").toString(), "-oL"));
    command.addAll(command("mosquitto_sub", how));
    command.addAll(List.of("-i", how.clientId(), "-t", filter, "-q", String.valueOf(qos)));
    command.addAll(List.of("-d", "-F", MARK + "%t %q %r %x"));
    if (how.persistent()) {
      command.add("-c");
      if (how.version().isV5()) {
        command.addAll(List.of("-x", String.valueOf(Opening.SESSION_EXPIRY_SECONDS)));
      }
    }
    Opening.Will will = how.will();
    if (will != null) {
      command.addAll(
          List.of(
              "--will-topic", will.topic(), "--will-payload", new String(will.payload(), UTF_8)));
      command.addAll(List.of("--will-qos", String.valueOf(will.qos())));
      if (will.retain()) {
        command.add("--will-retain");
      }
    }
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      subscriber = process;
      // Reading a pipe of a process holds a carrier thread.
      Thread.ofPlatform().daemon().name("output of mosquitto_sub").start(() -> read(process));
      subscribed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("mosquitto_sub did not subscribe; it said: " + told, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while mosquitto_sub subscribed", e);
    }
  }

  /// mosquitto_sub always subscribes; the messages that the session kept are there all the same.
  @Override
  public void resume(String filter, int qos) {
    subscribe(filter, qos);
  }

  private void read(Process process) {
    try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(MARK)) {
          String[] words = line.substring(MARK.length()).split(" ", -1);
          arrivals.add(
              new Message(
                  words[0],
                  HexFormat.of().parseHex(words[3]),
                  Integer.parseInt(words[1]),
                  words[2].equals("1")));
        } else {
          told.add(line);
          if (line.startsWith("Subscribed ")) {
            subscribed.complete(null);
          }
        }
      }
      subscribed.completeExceptionally(new IOException("mosquitto_sub ended"));
    } catch (IOException | RuntimeException e) {
      subscribed.completeExceptionally(e);
    }
  }

  @Override
  public void publish(String topic, int qos, boolean retain, List<byte[]> payloads) {
    List<String> command = command("mosquitto_pub", how);
    command.addAll(List.of("-t", topic, "-q", String.valueOf(qos)));
    if (retain) {
      command.add("-r");
    }
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    if (payloads.size() > 1) {
      // A message for each line.
      command.add("-l");
      for (byte[] payload : payloads) {
        input.writeBytes(payload);
        input.write('\n');
      }
    } else if (payloads.getFirst().length == 0) {
      command.add("-n");
    } else {
      command.add("-s");
      input.writeBytes(payloads.getFirst());
    }
    Tool.Outcome outcome = Tool.run(command, Path.of("."), input.toByteArray(), PATIENCE);
    if (outcome.output().contains("Connection error:")) {
      // The exit code is the CONNACK's.
      throw new Refused(outcome.exitCode());
    }
    if (outcome.exitCode() != 0) {
      throw new AssertionError(
          "%s ended with %d: %s".formatted(command, outcome.exitCode(), outcome.output()));
    }
  }

  @Override
  public Arrivals arrivals() {
    return arrivals;
  }

  @Override
  public void close() {
    Process process = subscriber;
    if (process == null) {
      return;
    }
    // At SIGTERM it sends DISCONNECT.
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
