package io.relais.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/// What `--version` prints.
final class Version implements IVersionProvider {

  /// The version of this build, which Maven writes into a resource.
  static String ofRelais() {
    try (InputStream resource = Version.class.getResourceAsStream("version.txt")) {
      if (resource == null) {
        throw new IllegalStateException("version.txt is missing from the build");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "relais " + ofRelais() + " (java " + Runtime.version().feature() + javaUpdate() + ")"
    };
  }

  private static String javaUpdate() {
    Runtime.Version version = Runtime.version();
    return "." + version.interim() + "." + version.update();
  }
}
