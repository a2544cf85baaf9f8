package io.relais.admin;

import io.relais.api.Problem.FieldError;
import io.relais.broker.access.AddressRange;
import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong with the fields of a request, so that all of it is said at once.
final class Check {
  static final int NAME_BYTES_MAX = 1_024;
  static final int PASSWORD_MIN = 8;
  static final int PASSWORD_MAX = 1_024;

  private final List<FieldError> errors = new ArrayList<>();

  Check require(boolean holds, String field, String message) {
    if (!holds) {
      errors.add(new FieldError(field, message));
    }
    return this;
  }

  /// @param problem null: none
  Check none(String field, @Nullable String problem) {
    return require(problem == null, field, String.valueOf(problem));
  }

  /// A name that is there, has no control characters and is not too long.
  String name(String field, @Nullable String value) {
    require(value != null && !value.isEmpty(), field, "is missing");
    String text = value == null ? "" : value;
    require(
        text.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES_MAX,
        field,
        "has more than " + NAME_BYTES_MAX + " bytes");
    require(text.codePoints().noneMatch(Character::isISOControl), field, "has a control character");
    return text;
  }

  /// A new password.
  String password(String field, @Nullable String value) {
    require(value != null && !value.isEmpty(), field, "is missing");
    String text = value == null ? "" : value;
    require(
        text.isEmpty() || text.length() >= PASSWORD_MIN,
        field,
        "has fewer than " + PASSWORD_MIN + " characters");
    require(text.length() <= PASSWORD_MAX, field, "has more than " + PASSWORD_MAX + " characters");
    return text;
  }

  <T> T present(String field, @Nullable T value, T otherwise) {
    require(value != null, field, "is missing");
    return value == null ? otherwise : value;
  }

  /// A topic filter of a subscription; `#` in place of one that is none.
  SubscriptionFilter filter(String field, String text) {
    try {
      return SubscriptionFilter.parse(text);
    } catch (MalformedPacket e) {
      require(false, field, String.valueOf(e.getMessage()));
      return new SubscriptionFilter(SubscriptionFilter.Kind.PLAIN, null, "#");
    }
  }

  /// An address or a range; null in place of one that is none, or if none is given.
  @Nullable AddressRange range(String field, @Nullable String text) {
    try {
      return text == null ? null : AddressRange.parse(text);
    } catch (IllegalArgumentException e) {
      require(false, field, String.valueOf(e.getMessage()));
      return null;
    }
  }

  int qos(String field, @Nullable Integer value, int standard) {
    int qos = value == null ? standard : value;
    require(qos >= 0 && qos <= 2, field, "is " + qos + " and must be 0, 1 or 2");
    return qos;
  }

  boolean isClean() {
    return errors.isEmpty();
  }

  /// The first thing that is wrong, as a sentence; null: nothing.
  @Nullable String first() {
    return errors.isEmpty() ? null : errors.getFirst().field() + " " + errors.getFirst().message();
  }

  void throwIfAny() {
    if (!errors.isEmpty()) {
      throw Failure.invalid(errors);
    }
  }
}
