package io.relais.admin;

import io.relais.api.Problem;
import io.relais.api.Problem.FieldError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request that is answered with a problem.
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String TYPES = "https://relais.io/problems/";

  private final int status;
  private final String type;
  private final String title;
  private final transient List<FieldError> errors;
  private final transient Map<String, String> headers;

  private Failure(
      int status,
      String type,
      String title,
      @Nullable String detail,
      List<FieldError> errors,
      Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.type = type;
    this.title = title;
    this.errors = List.copyOf(errors);
    this.headers = Map.copyOf(headers);
  }

  private static Failure of(int status, String title, @Nullable String detail) {
    return new Failure(status, "about:blank", title, detail, List.of(), Map.of());
  }

  static Failure badRequest(String detail) {
    return of(400, "Bad request", detail);
  }

  static Failure invalid(List<FieldError> errors) {
    String detail =
        errors.size() == 1
            ? errors.getFirst().field() + ": " + errors.getFirst().message()
            : errors.size() + " fields are wrong";
    return new Failure(400, TYPES + "invalid", "Invalid request", detail, errors, Map.of());
  }

  static Failure invalid(String field, String message) {
    return invalid(List.of(new FieldError(field, message)));
  }

  static Failure unauthorized(String detail) {
    return new Failure(
        401,
        "about:blank",
        "Unauthorized",
        detail,
        List.of(),
        Map.of("WWW-Authenticate", "Bearer realm=\"relais\""));
  }

  static Failure forbidden(String detail) {
    return of(403, "Forbidden", detail);
  }

  static Failure passwordChangeRequired() {
    return new Failure(
        403,
        TYPES + "password-change-required",
        "Password change required",
        "Set a new password with PUT /api/v1/session/password first",
        List.of(),
        Map.of());
  }

  static Failure notFound(String detail) {
    return of(404, "Not found", detail);
  }

  static Failure methodNotAllowed(String allowed) {
    return new Failure(
        405,
        "about:blank",
        "Method not allowed",
        "This path knows " + allowed,
        List.of(),
        Map.of("Allow", allowed));
  }

  static Failure conflict(String detail) {
    return of(409, "Conflict", detail);
  }

  static Failure tooLarge(long most) {
    return of(413, "Content too large", "A request body has at most " + most + " bytes");
  }

  static Failure tooManyAttempts(long seconds) {
    return new Failure(
        429,
        TYPES + "too-many-attempts",
        "Too many attempts",
        "Signing in failed too often from this address; try again in " + seconds + " s",
        List.of(),
        Map.of("Retry-After", Long.toString(seconds)));
  }

  static Failure unavailable(String detail) {
    return of(503, "Unavailable", detail);
  }

  static Failure internal() {
    return of(500, "Internal error", "The log of the node says what went wrong");
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  Problem problem() {
    return new Problem(type, title, status, getMessage(), errors.isEmpty() ? null : errors);
  }
}
