package io.relais.server;

import io.relais.admin.AlarmLimits;
import io.relais.admin.OtlpSettings;
import io.relais.admin.Watching;
import io.relais.broker.SlowLimits;
import io.relais.server.config.AlarmsConfiguration;
import io.relais.server.config.Configuration;
import io.relais.server.config.ListenerConfiguration;
import io.relais.server.config.OtlpConfiguration;
import io.relais.server.config.TlsConfiguration;
import io.relais.storage.StoreLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the configuration says of what is watched.
final class Watched {
  private Watched() {}

  /// @param now what holds at any time; the limits are those of the start
  static Watching of(Supplier<Configuration> now, boolean onDisk) {
    Configuration configuration = now.get();
    StoreLimits store = Relais.storeLimits(configuration.limits(), onDisk);
    return new Watching(
        alarms(configuration.alarms()),
        store.retainedMessages(),
        store.delayedMessages(),
        store.totalBytes(),
        () -> now.get().listeners().stream().map(ListenerConfiguration::name).toList(),
        () -> certificates(now.get()),
        otlp(configuration.metrics().otlp()));
  }

  private static AlarmLimits alarms(AlarmsConfiguration alarms) {
    return new AlarmLimits(
        alarms.heapPercent(),
        alarms.diskFreeBytes(),
        alarms.sync(),
        alarms.connectionsPercent(),
        alarms.storePercent(),
        alarms.certificate(),
        alarms.refusedConnects(),
        alarms.droppedMessages(),
        alarms.stall(),
        alarms.cpuPercent());
  }

  private static Map<String, Path> certificates(Configuration configuration) {
    Map<String, Path> files = new HashMap<>();
    for (ListenerConfiguration listener : configuration.listeners()) {
      TlsConfiguration tls = listener.tls();
      if (tls != null) {
        files.put(listener.name(), tls.certificate());
      }
    }
    return files;
  }

  private static @Nullable OtlpSettings otlp(@Nullable OtlpConfiguration otlp) {
    if (otlp == null) {
      return null;
    }
    Map<String, String> headers = new HashMap<>();
    for (String header : otlp.headers()) {
      int colon = header.indexOf(':');
      headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
    }
    return new OtlpSettings(URI.create(otlp.url()), otlp.interval(), headers);
  }

  static SlowLimits slow(Configuration configuration) {
    var slow = configuration.metrics().slowSubscribers();
    return new SlowLimits(slow.threshold(), slow.count(), slow.window());
  }
}
