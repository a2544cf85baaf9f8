package io.relais.server.config;

import java.net.URI;
import java.time.Duration;

/// A service that knows clients.
public record HttpConfiguration(
    @Key(
            "URL of the service, `https`, or `http` on this machine. It is sent a POST for each log-in, and answers as"
                + " [access.md](access.md) says.")
        String url,
    @Key(
            value = "Time for an answer; without one the client is refused. 10 ms to 1 minute.",
            standard = "5s")
        Duration timeout,
    @Key(
            value =
                "Whether `http` may lead to another machine, with passwords that anybody on the way may read.",
            standard = "false")
        boolean insecure) {

  public HttpConfiguration {
    Violations violations = new Violations();
    String problem = WebAddress.problem(url, insecure);
    violations.require(problem == null, "url", String.valueOf(problem), "insecure");
    violations.range("timeout", timeout, Duration.ofMillis(10), Duration.ofMinutes(1));
    violations.throwIfAny();
  }

  public URI uri() {
    return URI.create(url);
  }
}
