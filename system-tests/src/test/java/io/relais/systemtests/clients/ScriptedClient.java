package io.relais.systemtests.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// A client in another language, told what to do through its [ScriptProcess].
///
/// Owner: the test's thread.
final class ScriptedClient implements RealClient {
  private static final int PATIENCE_SECONDS = 20;
  private static final AtomicInteger HANDLES = new AtomicInteger();

  private final ScriptProcess script;
  private final String handle = "c" + HANDLES.incrementAndGet();
  private final Arrivals arrivals = new Arrivals();

  ScriptedClient(ScriptProcess script, Opening how) {
    this.script = script;
    script.deliver(handle, arrivals);
    Opening.Login login = how.login();
    Opening.Will will = how.will();
    await(
        "open",
        script.ask(
            "open",
            handle,
            how.to().getHostString(),
            how.to().getPort(),
            how.transport().label(),
            how.version().level(),
            how.clientId(),
            how.persistent(),
            how.authority(),
            login != null,
            login == null ? "" : login.username(),
            login == null ? "" : login.password(),
            will != null,
            will == null ? "" : will.topic(),
            will == null ? "" : will.payload(),
            will == null ? "" : will.qos(),
            will != null && will.retain()));
  }

  @Override
  public void subscribe(String filter, int qos) {
    await("subscribe", script.ask("subscribe", handle, filter, qos));
  }

  @Override
  public void publish(String topic, int qos, boolean retain, List<byte[]> payloads) {
    List<CompletableFuture<String[]>> answers = new ArrayList<>();
    for (byte[] payload : payloads) {
      answers.add(script.ask("publish", handle, topic, qos, retain, payload));
    }
    answers.forEach(answer -> await("publish", answer));
  }

  @Override
  public Arrivals arrivals() {
    return arrivals;
  }

  @Override
  public void close() {
    await("close", script.ask("close", handle));
  }

  private void await(String command, CompletableFuture<String[]> answer) {
    try {
      String[] words = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      switch (words[1]) {
        case "ok" -> {}
        case "refused" -> throw new Refused(Integer.parseInt(words[2]));
        default ->
            throw new AssertionError(
                command + " failed: " + new String(Base64.getDecoder().decode(words[2]), UTF_8));
      }
    } catch (ExecutionException e) {
      throw new AssertionError(command + " failed", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError(
          "no answer to %s within %d s; %s".formatted(command, PATIENCE_SECONDS, script.errors()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + command, e);
    }
  }
}
