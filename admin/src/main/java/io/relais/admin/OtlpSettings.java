package io.relais.admin;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/// Where metrics are sent.
///
/// @param headers of each request
public record OtlpSettings(URI url, Duration interval, Map<String, String> headers) {
  public OtlpSettings {
    headers = Map.copyOf(headers);
  }

  @Override
  public String toString() {
    return "OtlpSettings[" + url + "]"; // headers may hold a token
  }
}
