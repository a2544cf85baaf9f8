package io.relais.admin;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import io.relais.api.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Posts all metrics to a collector, by OpenTelemetry's protocol over HTTP in its form as JSON.
/// What a collector does not take is not sent again: sums are since the start, so the next post has
/// all of it.
///
/// Owner: its thread. Limits: one request at a time, [#PATIENCE].
final class Otlp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Otlp.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CUMULATIVE = 2; // AGGREGATION_TEMPORALITY_CUMULATIVE

  private final OtlpSettings settings;
  private final MeterRegistry registry;
  private final String node;
  private final String version;
  private final Instant start = Instant.now();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("relais-otlp").unstarted(this::run);
  private boolean failing;

  Otlp(OtlpSettings settings, MeterRegistry registry, String node, String version) {
    this.settings = settings;
    this.registry = registry;
    this.node = node;
    this.version = version;
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(settings.interval().toNanos());
        post();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the node ends
    }
  }

  private void post() throws InterruptedException {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(settings.url())
              .timeout(PATIENCE)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(content())));
      settings.headers().forEach(request::header);
      HttpResponse<Void> answer = http.send(request.build(), BodyHandlers.discarding());
      tell(answer.statusCode() / 100 == 2, () -> "it answers with " + answer.statusCode());
    } catch (IOException e) {
      tell(false, e::toString);
    }
  }

  /// One line when it begins to fail, and one when it works again.
  private void tell(boolean works, Supplier<String> why) {
    if (!works && !failing) {
      LOG.warn("Metrics do not reach {} (metrics.otlp): {}", settings.url(), why.get());
    } else if (works && failing) {
      LOG.info("Metrics reach {} again", settings.url());
    }
    failing = !works;
  }

  // ---- what is sent

  private ObjectNode content() {
    ObjectNode root = Json.MAPPER.createObjectNode();
    ObjectNode all = root.putArray("resourceMetrics").addObject();
    ArrayNode resource = all.putObject("resource").putArray("attributes");
    attribute(resource, "service.name", "relais");
    attribute(resource, "service.instance.id", node);
    attribute(resource, "service.version", version);
    ObjectNode scope = all.putArray("scopeMetrics").addObject();
    scope.putObject("scope").put("name", "io.relais").put("version", version);
    ArrayNode metrics = scope.putArray("metrics");
    String now = nanos(Instant.now());
    Map<String, ArrayNode> points = new LinkedHashMap<>(); // of a metric, one for each of its tags
    for (Meter meter : registry.getMeters()) {
      for (Measurement measurement : meter.measure()) {
        point(meter, measurement, now, metrics, points);
      }
    }
    return root;
  }

  private void point(
      Meter meter,
      Measurement measurement,
      String now,
      ArrayNode metrics,
      Map<String, ArrayNode> points) {
    boolean sum = measurement.getStatistic() == Statistic.COUNT;
    ArrayNode of =
        points.computeIfAbsent(
            meter.getId().getName(),
            name -> {
              ObjectNode metric = metrics.addObject().put("name", name);
              metric.put("description", String.valueOf(meter.getId().getDescription()));
              ObjectNode kind = metric.putObject(sum ? "sum" : "gauge");
              if (sum) {
                kind.put("aggregationTemporality", CUMULATIVE).put("isMonotonic", true);
              }
              return kind.putArray("dataPoints");
            });
    ObjectNode point = of.addObject();
    if (sum) {
      point.put("startTimeUnixNano", nanos(start));
    }
    point.put("timeUnixNano", now).put("asDouble", measurement.getValue());
    ArrayNode attributes = point.putArray("attributes");
    for (Tag tag : meter.getId().getTags()) {
      attribute(attributes, tag.getKey(), tag.getValue());
    }
  }

  private static void attribute(ArrayNode to, String key, String value) {
    to.addObject().put("key", key).putObject("value").put("stringValue", value);
  }

  private static String nanos(Instant time) {
    return Long.toString(
        TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano()); // 64 bits are text
  }

  @Override
  public void close() {
    thread.interrupt();
    http.shutdownNow();
  }
}
