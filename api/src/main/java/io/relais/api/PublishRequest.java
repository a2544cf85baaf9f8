package io.relais.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A message to publish.
///
/// @param payload a text, but with the encoding `json` any value; null: empty
/// @param encoding null: `text`
/// @param qos null: 0
/// @param retain null: false
public record PublishRequest(
    @Nullable String topic,
    @Nullable JsonNode payload,
    @Nullable Encoding encoding,
    @Nullable Integer qos,
    @Nullable Boolean retain,
    @Nullable Properties properties) {

  /// @param correlationData base64
  /// @param user pairs of name and value
  public record Properties(
      @Nullable String contentType,
      @Nullable String responseTopic,
      @Nullable String correlationData,
      @Nullable Long messageExpirySeconds,
      @Nullable List<List<String>> user) {}
}
