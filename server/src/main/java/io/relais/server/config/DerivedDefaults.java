package io.relais.server.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// Defaults that depend on the machine or on other keys of the same section.
final class DerivedDefaults {
  private DerivedDefaults() {}

  /// `others` are the section's other values, by key; those that are wrong or absent are not in it.
  static Object of(Class<? extends Record> section, String key, Map<String, Object> others) {
    return switch (section.getSimpleName() + "." + key) {
      case "NodeConfiguration.id" -> nodeId();
      // One is left for the store's thread, the collector and the compiler. On two processors one
      // loop costs less for each message than two that hand them to each other.
      case "ThreadsConfiguration.loops" ->
          Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
      case "ListenerConfiguration.path" ->
          others.get("transport") instanceof Transport transport && transport.isWebSocket()
              ? "/mqtt"
              : "";
      case "ListenerConfiguration.allow-anonymous" -> allowAnonymous(others);
      default -> throw new IllegalStateException("no derived default for " + section + " " + key);
    };
  }

  private static boolean allowAnonymous(Map<String, Object> others) {
    if (!Boolean.FALSE.equals(others.get("proxy-protocol"))) {
      return false;
    }
    if (others.get("transport") == Transport.UNIX) {
      return true;
    }
    try {
      return others.get("bind") instanceof String bind && HostPort.parse(bind).isLoopback();
    } catch (IllegalArgumentException reportedByTheListener) {
      return false;
    }
  }

  private static String nodeId() {
    String name = hostName().replaceAll("[^A-Za-z0-9_.-]", "-");
    return name.isEmpty() ? "relais" : name.substring(0, Math.min(64, name.length()));
  }

  /// The kernel's file first: `InetAddress` may ask DNS, which costs seconds where it does not
  /// answer.
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException notLinux) {
      try {
        return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
      } catch (UnknownHostException nameless) {
        return "relais";
      }
    }
  }
}
