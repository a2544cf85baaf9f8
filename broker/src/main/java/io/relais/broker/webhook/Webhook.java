package io.relais.broker.webhook;

import io.relais.broker.Tap;
import io.relais.protocol.Topics;
import io.relais.storage.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Tells a service over HTTP what happens: batches of events as a JSON array, one request after the
/// other, each tried again for a while where it fails. It listens to the topics of events and to
/// those of messages like a stream of the API, so nothing is made of what nobody asked for.
///
/// Owner: loops leave messages without a lock and never wait; `relais-webhook-NAME` does all else.
/// Limits: so many events that wait, [#QUEUE_BYTES_MAX] bytes of them, and [#BATCH_BYTES_MAX] bytes
/// of a request. What finds no room is dropped and counted.
public final class Webhook implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long QUEUE_BYTES_MAX = 64L << 20;
  private static final int BATCH_BYTES_MAX = 4 << 20;
  private static final long RETRY_WAIT_MAX_MILLIS = 60_000;
  private static final long WARN_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

  /// @param filter its number among the topics of the settings
  private record Waiting(WebhookEvent event, int filter, Message message, long atMillis) {}

  private record Tapped(String filter, Tap tap) {}

  private final WebhookSettings settings;
  private final InstantSource clock;
  private final HttpClient http;
  private final Thread sender;
  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong queueFull = new AtomicLong();
  private final List<Tapped> taps = new ArrayList<>();
  private volatile boolean sleeps;
  private volatile boolean closed;

  // Written by the sender, read by all.
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile @Nullable String lastError;
  private volatile long lastErrorMillis;
  private long warnedNanos = System.nanoTime() - WARN_AGAIN_NANOS;

  /// @throws IOException naming the file of authorities, if it cannot be used
  public Webhook(WebhookSettings settings, InstantSource clock) throws IOException {
    this.settings = settings;
    this.clock = clock;
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout());
    Path ca = settings.ca();
    http = (ca == null ? client : client.sslContext(trusting(ca))).build();
    sender =
        Thread.ofPlatform().daemon().name("relais-webhook-" + settings.name()).unstarted(this::run);
    for (WebhookEvent event : settings.events()) {
      String topic = event.topic();
      if (topic != null) {
        taps.add(new Tapped(topic, message -> offer(event, 0, message)));
      } else {
        for (int i = 0; i < settings.topics().size(); i++) {
          int number = i;
          taps.add(new Tapped(settings.topics().get(i), m -> offer(event, number, m)));
        }
      }
    }
  }

  private static SSLContext trusting(Path ca) throws IOException {
    try (InputStream in = Files.newInputStream(ca)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + number++, one);
      }
      if (number == 0) {
        throw new IOException(ca + ": no certificate in it");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(ca + ": no certificates that can be used: " + e.getMessage(), e);
    }
  }

  /// Listens from now on.
  ///
  /// @param tap puts a tap on a filter
  public void start(BiConsumer<String, Tap> tap) {
    sender.start();
    taps.forEach(one -> tap.accept(one.filter, one.tap));
  }

  public WebhookSettings settings() {
    return settings;
  }

  /// Any thread.
  public WebhookState state() {
    return new WebhookState(
        queued.get(),
        sent.get(),
        retries.get(),
        queueFull.get(),
        failed.get(),
        refused.get(),
        lastError,
        lastErrorMillis);
  }

  /// On a loop: leaves the message, and wakes the sender only where it sleeps.
  private void offer(WebhookEvent event, int filter, Message message) {
    if (queued.incrementAndGet() > settings.queueEvents()) {
      queued.decrementAndGet();
      queueFull.incrementAndGet();
      return;
    }
    if (queuedBytes.addAndGet(message.bytes()) > QUEUE_BYTES_MAX) {
      queuedBytes.addAndGet(-message.bytes());
      queued.decrementAndGet();
      queueFull.incrementAndGet();
      return;
    }
    queue.add(new Waiting(event, filter, message, clock.millis()));
    if (sleeps) {
      LockSupport.unpark(sender);
    }
  }

  // ---- the sender

  private void run() {
    while (!closed) {
      try {
        List<Waiting> batch = gather();
        if (!batch.isEmpty()) {
          send(batch);
        }
      } catch (InterruptedException e) {
        return; // closed
      } catch (RuntimeException e) {
        LOG.error("The webhook {} lost a batch after an error of ours", settings.name(), e);
      }
    }
  }

  /// Waits for an event, and then a little for more.
  private List<Waiting> gather() throws InterruptedException {
    while (queue.isEmpty()) {
      sleeps = true;
      if (queue.isEmpty()) {
        LockSupport.park(this);
      }
      sleeps = false;
      throwIfClosed();
    }
    long deadline = System.nanoTime() + settings.batchTime().toNanos();
    List<Waiting> batch = new ArrayList<>();
    long bytes = 0;
    while (batch.size() < settings.batchEvents()) {
      Waiting next = queue.peek();
      if (next == null) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          break;
        }
        sleeps = true;
        if (queue.isEmpty()) {
          LockSupport.parkNanos(this, left);
        }
        sleeps = false;
        throwIfClosed();
        continue;
      }
      bytes += next.message.bytes();
      if (bytes > BATCH_BYTES_MAX && !batch.isEmpty()) {
        break;
      }
      queue.remove();
      batch.add(next);
    }
    return batch;
  }

  private void throwIfClosed() throws InterruptedException {
    if (closed || Thread.interrupted()) {
      throw new InterruptedException("closed");
    }
  }

  private void send(List<Waiting> batch) throws InterruptedException {
    long bytes = 0;
    var body = new ByteArrayOutputStream();
    int told = 0;
    for (Waiting one : batch) {
      bytes += one.message.bytes();
      if (isFirstToTell(one)) {
        body.write(told++ == 0 ? '[' : ',');
        body.writeBytes(json(one));
      }
    }
    try {
      if (told > 0) {
        body.write(']');
        post(body.toByteArray(), told);
      }
    } finally {
      queuedBytes.addAndGet(-bytes);
      queued.addAndGet(-batch.size());
    }
  }

  /// A message that several filters take in was left once for each.
  private boolean isFirstToTell(Waiting one) {
    return settings.topics().stream()
        .limit(one.filter)
        .noneMatch(filter -> Topics.matches(filter, one.message.topic()));
  }

  private static byte[] json(Waiting one) {
    Message message = one.message;
    if (one.event != WebhookEvent.MESSAGE_PUBLISHED) {
      // The event is an object of JSON already, which gets one field more.
      String event = new String(message.payload(), StandardCharsets.UTF_8);
      return "{\"event\":\"%s\",%s"
          .formatted(one.event.label(), event.substring(1))
          .getBytes(StandardCharsets.UTF_8);
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("event", one.event.label());
    fields.put("topic", message.topic());
    fields.put("clientId", message.publisher());
    fields.put("qos", message.qos());
    fields.put("retain", message.retain());
    try {
      fields.put(
          "payload",
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(message.payload()))
              .toString());
      fields.put("encoding", "text");
    } catch (CharacterCodingException _) { // no text
      fields.put("payload", Base64.getEncoder().encodeToString(message.payload()));
      fields.put("encoding", "base64");
    }
    fields.put(
        "time", Instant.ofEpochMilli(one.atMillis).truncatedTo(ChronoUnit.MILLIS).toString());
    return JSON.writeValueAsBytes(fields);
  }

  private void post(byte[] body, int events) throws InterruptedException {
    long wait = settings.retryWait().toMillis();
    for (int attempt = 1; ; attempt++) {
      String problem;
      try {
        int status = ask(body);
        if (status / 100 == 2) {
          sent.addAndGet(events);
          return;
        }
        problem = "it answered with the status " + status;
        if (status != 408 && status != 429 && status < 500) {
          refused.addAndGet(events);
          note(problem + ", so " + events + " events are dropped");
          return;
        }
      } catch (ExecutionException e) {
        problem = String.valueOf(e.getCause());
      } catch (TimeoutException e) {
        problem = "it did not answer within " + settings.timeout().toMillis() + " ms";
      }
      if (attempt == settings.attempts()) {
        failed.addAndGet(events);
        note(
            problem
                + ", after %d attempts, so %d events are dropped"
                    .formatted(settings.attempts(), events));
        return;
      }
      note(problem);
      TimeUnit.MILLISECONDS.sleep(wait);
      wait = Math.min(2 * wait, RETRY_WAIT_MAX_MILLIS);
      retries.incrementAndGet();
    }
  }

  /// @return the status
  private int ask(byte[] body) throws ExecutionException, TimeoutException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.url())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body));
    settings.headers().forEach(header -> request.setHeader(header.name(), header.value()));
    CompletableFuture<HttpResponse<Void>> exchange =
        http.sendAsync(request.build(), BodyHandlers.discarding());
    try {
      return exchange.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS).statusCode();
    } finally {
      exchange.cancel(true); // where it is not over
    }
  }

  private void note(String problem) {
    lastError = problem;
    lastErrorMillis = clock.millis();
    long now = System.nanoTime();
    if (now - warnedNanos >= WARN_AGAIN_NANOS) {
      warnedNanos = now;
      LOG.warn(
          "The webhook {} does not reach {}://{}: {}",
          settings.name(),
          settings.url().getScheme(),
          settings.url().getRawAuthority(),
          problem);
    }
  }

  /// What waits is lost.
  @Override
  public void close() {
    closed = true;
    sender.interrupt();
    http.shutdownNow();
  }
}
