package io.relais.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where metrics are sent by OpenTelemetry's protocol.
public record OtlpConfiguration(
    @Key("URL that metrics are posted to as JSON, like `http://127.0.0.1:4318/v1/metrics`.")
        String url,
    @Key(value = "How often, 1s to 1h.", standard = "60s") Duration interval,
    @Key(
            value = "Headers of each request, like `Authorization: Bearer TOKEN`. At most 20.",
            secret = true)
        List<String> headers) {
  private static final int HEADERS_MAX = 20;

  public OtlpConfiguration {
    headers = List.copyOf(headers);
    Violations violations = new Violations();
    String problem = problem(url);
    violations.require(problem == null, "url", String.valueOf(problem));
    violations.range("interval", interval, Duration.ofSeconds(1), Duration.ofHours(1));
    violations.require(
        headers.size() <= HEADERS_MAX,
        "headers",
        "has %d entries, more than %d".formatted(headers.size(), HEADERS_MAX));
    for (int i = 0; i < headers.size(); i++) {
      violations.require(
          headers.get(i).matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+: ?[ -~]*"),
          "headers." + i,
          "is no header; write it like 'Authorization: Bearer TOKEN'");
    }
    violations.throwIfAny();
  }

  private static @Nullable String problem(String url) {
    try {
      URI uri = new URI(url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return web && uri.getHost() != null && uri.getUserInfo() == null
          ? null
          : "is '" + url + "'; write it like http://127.0.0.1:4318/v1/metrics";
    } catch (URISyntaxException e) {
      return "is '" + url + "', which is no URL: " + e.getReason();
    }
  }
}
