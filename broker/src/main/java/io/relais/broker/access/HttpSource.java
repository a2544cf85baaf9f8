package io.relais.broker.access;

import io.netty.util.NetUtil;
import io.relais.protocol.ReasonCode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/// A service that is asked over HTTP whether a client may come in. Fails closed: whatever is no
/// clear answer refuses the client.
///
/// Owner: any thread. Limits: [#ASKED_MAX] questions at once, answers of 64 KiB.
public final class HttpSource implements AuthenticationSource, AutoCloseable {
  public static final int ASKED_MAX = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(HttpSource.class);
  private static final int ANSWER_BYTES_MAX = 64 * 1024;
  private static final int THREADS = 2;
  private static final long WARN_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final URI url;
  private final Duration timeout;
  private final ExecutorService threads;
  private final HttpClient http;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong warnedNanos = new AtomicLong(System.nanoTime() - WARN_AGAIN_NANOS);

  /// @param timeout for a whole answer
  public HttpSource(URI url, Duration timeout) {
    this.url = url;
    this.timeout = timeout;
    threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("relais-ask-", 0).factory());
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .executor(threads)
            .build();
  }

  @Override
  public String name() {
    return "http";
  }

  @Override
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    if (username == null && password == null) {
      answer.accept(Answer.ABSTAIN);
      return;
    }
    byte[] question;
    try {
      question = question(client, username, password);
    } catch (CharacterCodingException _) {
      answer.accept(
          new Answer.Refuse(
              ReasonCode.BAD_USER_NAME_OR_PASSWORD, "the password is no text in UTF-8"));
      return;
    }
    if (asked.incrementAndGet() > ASKED_MAX) {
      asked.decrementAndGet();
      answer.accept(
          new Answer.Refuse(ReasonCode.SERVER_BUSY, ASKED_MAX + " log-ins are waiting already"));
      return;
    }
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofByteArray(question))
            .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    exchange
        .copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handle((said, failure) -> said == null ? failed(failure) : judge(username, said))
        .whenComplete(
            (judged, error) -> {
              exchange.cancel(true); // where it is not over
              asked.decrementAndGet();
              answer.accept(error == null ? judged : failed(error));
            });
  }

  private static byte[] question(Client client, @Nullable String username, byte @Nullable [] given)
      throws CharacterCodingException {
    Map<String, Object> question = new LinkedHashMap<>();
    question.put("clientId", client.clientId());
    if (username != null) {
      question.put("username", username);
    }
    if (given != null) {
      question.put(
          "password",
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(given)).toString());
    }
    if (client.address() instanceof InetSocketAddress internet) {
      question.put("address", NetUtil.toSocketAddressString(internet));
    }
    question.put("listener", client.listener());
    return JSON.writeValueAsBytes(question);
  }

  private Answer judge(@Nullable String username, HttpResponse<byte[]> said) {
    return switch (said.statusCode()) {
      case 200 -> judge(username, said.body());
      case 204 -> new Answer.Accept(username);
      default -> unclear("it answered with the status " + said.statusCode());
    };
  }

  private Answer judge(@Nullable String username, byte[] body) {
    Map<?, ?> said;
    try {
      said = JSON.readValue(body, Map.class);
    } catch (JacksonException _) { // its message quotes the answer
      said = null;
    }
    if (said == null) {
      return unclear("its answer is no JSON object");
    }
    return switch (said.get("result") instanceof String text ? text : null) {
      case "allow" -> allowed(username, said);
      case "deny" ->
          new Answer.Refuse(
              ReasonCode.BAD_USER_NAME_OR_PASSWORD, "the service for log-ins denies this client");
      case "ignore" -> Answer.ABSTAIN;
      case null, default -> unclear("its answer has no result of allow, deny or ignore");
    };
  }

  private Answer allowed(@Nullable String username, Map<?, ?> said) {
    Object name = said.get("username");
    if (name != null && !(name instanceof String text && !text.isEmpty())) {
      return unclear("the username of its answer is no text");
    }
    Object acl = said.get("acl");
    Grant grant;
    try {
      grant = acl == null ? Grant.NONE : new Grant(Long.MAX_VALUE, Grant.rules(acl));
    } catch (IllegalArgumentException e) {
      return unclear("the acl of its answer cannot be used: " + e.getMessage());
    }
    try {
      return new Answer.Accept(
          name == null ? username : (String) name, grant.withGroups(said.get("groups")));
    } catch (IllegalArgumentException e) {
      return unclear("the groups of its answer cannot be used: " + e.getMessage());
    }
  }

  private Answer failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return unclear(
        cause instanceof TimeoutException
            ? "it did not answer within " + timeout.toMillis() + " ms"
            : String.valueOf(cause));
  }

  private Answer unclear(String why) {
    long now = System.nanoTime();
    long before = warnedNanos.get();
    if (now - before >= WARN_AGAIN_NANOS && warnedNanos.compareAndSet(before, now)) {
      LOG.warn(
          "The service for log-ins at {}://{} gives no clear answer, so clients are refused: {}",
          url.getScheme(),
          url.getRawAuthority(),
          why);
    }
    return new Answer.Refuse(
        ReasonCode.SERVER_UNAVAILABLE, "the service for log-ins gave no clear answer: " + why);
  }

  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdown();
  }
}
