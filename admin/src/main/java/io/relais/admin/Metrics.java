package io.relais.admin;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.relais.broker.Administration;
import io.relais.broker.Counter;
import io.relais.broker.webhook.Webhook;
import io.relais.broker.webhook.WebhookState;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What is counted and measured, for Prometheus. Names begin with `relais_`.
///
/// Owner: any thread.
final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  Metrics(Administration broker, Alarms alarms, String version) {
    for (Counter counter : Counter.values()) {
      count(registry, broker, counter);
    }
    broker
        .listenerCounters()
        .refusedByName()
        .keySet()
        .forEach(
            reason ->
                FunctionCounter.builder(
                        "relais.listener.refused",
                        broker,
                        b -> b.listenerCounters().refusedByName().getOrDefault(reason, 0L))
                    .description("Connections that a listener refused before MQTT")
                    .tags("reason", reason)
                    .register(registry));
    gauge(
        "clients.connected",
        "Clients that are connected",
        broker,
        Administration::connectedClients);
    gauge("sessions", "Sessions that are kept", broker, b -> b.sizes().sessions());
    gauge(
        "subscriptions.kept",
        "Subscriptions of kept sessions",
        broker,
        b -> b.sizes().subscriptions());
    gauge("messages.queued", "Messages in queues", broker, b -> b.sizes().queuedMessages());
    gauge("messages.retained", "Retained messages", broker, b -> b.sizes().retainedMessages());
    gauge("messages.delayed", "Delayed messages", broker, b -> b.sizes().delayedMessages());
    gauge("store.bytes", "Bytes of all messages kept", broker, b -> b.sizes().bytes());
    gauge("disk.full", "1 while the disk is nearly full", broker, b -> b.isDiskFull() ? 1 : 0);
    FunctionCounter.builder("relais.store.syncs", broker.insight().syncs(), syncs -> syncs.count())
        .description("Batches that the store wrote and synced")
        .register(registry);
    FunctionCounter.builder(
            "relais.store.sync.seconds", broker.insight().syncs(), syncs -> syncs.nanos() / 1e9)
        .description("Time that writing and syncing them took")
        .register(registry);
    for (AlarmName name : AlarmName.values()) {
      Gauge.builder("relais.alarm.active", alarms, all -> all.active(name))
          .description("Active alarms")
          .tags("name", name.label())
          .register(registry);
    }
    Runtime runtime = Runtime.getRuntime();
    gauge("heap.used.bytes", "Heap in use", runtime, r -> r.totalMemory() - r.freeMemory());
    gauge("heap.max.bytes", "Heap at most", runtime, Runtime::maxMemory);
    gauge(
        "threads",
        "Threads of the process",
        ManagementFactory.getThreadMXBean(),
        b -> b.getThreadCount());
    gauge(
        "uptime.seconds",
        "Since the process started",
        ManagementFactory.getRuntimeMXBean(),
        b -> b.getUptime() / 1000.0);
    Gauge.builder("relais.build", () -> 1)
        .description("What runs here")
        .tags(Tags.of("version", version, "java", Runtime.version().toString()))
        .register(registry);
  }

  private static void count(MeterRegistry registry, Administration broker, Counter counter) {
    boolean drop = Counter.isDrop(counter);
    String label = counter.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    FunctionCounter.builder(
            drop ? "relais.messages.dropped" : "relais." + label.replace(' ', '.'),
            broker,
            b -> b.count(counter))
        .description(drop ? "Messages that were not delivered" : "Count of " + label)
        .tags(drop ? Tags.of("reason", counter.reason()) : Tags.empty())
        .register(registry);
  }

  void add(Webhook webhook) {
    webhook(webhook, "sent", "", state -> state.sent());
    webhook(webhook, "dropped", "queue-full", state -> state.droppedQueueFull());
    webhook(webhook, "dropped", "failed", state -> state.droppedFailed());
    webhook(webhook, "dropped", "refused", state -> state.droppedRefused());
    Gauge.builder("relais.webhook.events.queued", webhook, one -> one.state().queued())
        .description("Events that wait for a webhook")
        .tags("webhook", webhook.settings().name())
        .register(registry);
  }

  private void webhook(
      Webhook webhook, String what, String reason, ToDoubleFunction<WebhookState> count) {
    Tags tags = Tags.of("webhook", webhook.settings().name());
    FunctionCounter.builder(
            "relais.webhook.events." + what, webhook, one -> count.applyAsDouble(one.state()))
        .description("Events of a webhook that were " + what)
        .tags(reason.isEmpty() ? tags : tags.and("reason", reason))
        .register(registry);
  }

  private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
    Gauge.builder("relais." + name, of, value).description(description).register(registry);
  }

  MeterRegistry registry() {
    return registry;
  }

  /// In Prometheus' text format.
  String scrape() {
    return registry.scrape();
  }
}
