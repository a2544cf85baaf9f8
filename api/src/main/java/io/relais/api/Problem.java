package io.relais.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a request failed, as `application/problem+json`.
///
/// @param type a URI of what went wrong; `about:blank` if the status says all
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    String type,
    String title,
    int status,
    @Nullable String detail,
    @Nullable List<FieldError> errors) {

  /// @param field of the request, like `rules[2].filter`
  public record FieldError(String field, String message) {}
}
