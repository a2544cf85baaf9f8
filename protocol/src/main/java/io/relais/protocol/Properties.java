package io.relais.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The properties of one packet or will, in the order in which they stood or are to stand on the
/// wire. Immutable. Only USER_PROPERTY (and SUBSCRIPTION_IDENTIFIER in a PUBLISH to a client) may
/// stand more than once; the decoder holds peers to that.
public final class Properties {
  public static final Properties NONE = new Properties(List.of());

  /// One name and value given by a user; both may be empty, and names may repeat.
  public record UserProperty(String name, String value) {}

  /// One property; the value's type follows from [Property#kind()].
  public record Entry(Property property, Object value) {
    public Entry {
      boolean fits =
          switch (property.kind()) {
            case BYTE, TWO_BYTES, VARIABLE -> value instanceof Integer;
            case FOUR_BYTES -> value instanceof Long;
            case STRING -> value instanceof String;
            case BINARY -> value instanceof byte[];
            case STRING_PAIR -> value instanceof UserProperty;
          };
      if (!fits) {
        throw new IllegalArgumentException(
            property + " takes a value of kind " + property.kind() + ", not " + value.getClass());
      }
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Entry(Property p, Object v)
          && p == property
          && Objects.deepEquals(v, value);
    }

    @Override
    public int hashCode() {
      return 31 * property.hashCode()
          + (value instanceof byte[] bytes ? Arrays.hashCode(bytes) : value.hashCode());
    }
  }

  private final List<Entry> entries;

  private Properties(List<Entry> entries) {
    this.entries = entries;
  }

  public static Properties of(List<Entry> entries) {
    return entries.isEmpty() ? NONE : new Properties(List.copyOf(entries));
  }

  public static Builder builder() {
    return new Builder();
  }

  public List<Entry> entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  public boolean has(Property property) {
    return find(property) != null;
  }

  /// The value of a BYTE, TWO_BYTES or VARIABLE property, or `absent` where it does not stand.
  public int intValue(Property property, int absent) {
    return find(property) instanceof Integer value ? value : absent;
  }

  /// The value of a FOUR_BYTES property, or `absent` where it does not stand.
  public long longValue(Property property, long absent) {
    return find(property) instanceof Long value ? value : absent;
  }

  public @Nullable String string(Property property) {
    return (String) find(property);
  }

  public byte @Nullable [] binary(Property property) {
    return (byte[]) find(property);
  }

  /// User properties in their order.
  public List<UserProperty> userProperties() {
    List<UserProperty> found = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.value instanceof UserProperty user) {
        found.add(user);
      }
    }
    return found;
  }

  private @Nullable Object find(Property property) {
    for (Entry entry : entries) {
      if (entry.property == property) {
        return entry.value;
      }
    }
    return null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Properties that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (Entry entry : entries) {
      text.append(text.length() > 1 ? ", " : "").append(entry.property).append('=');
      text.append(entry.value instanceof byte[] bytes ? bytes.length + " bytes" : entry.value);
    }
    return text.append('}').toString();
  }

  /// Collects properties in order.
  public static final class Builder {
    private final List<Entry> entries = new ArrayList<>();

    public Builder add(Property property, int value) {
      entries.add(
          new Entry(
              property,
              property.kind() == Property.Kind.FOUR_BYTES
                  ? (Object) (long) value
                  : (Object) value));
      return this;
    }

    public Builder add(Property property, long value) {
      entries.add(new Entry(property, value));
      return this;
    }

    public Builder add(Property property, String value) {
      entries.add(new Entry(property, value));
      return this;
    }

    public Builder add(Property property, byte[] value) {
      entries.add(new Entry(property, value));
      return this;
    }

    public Builder addUser(String name, String value) {
      entries.add(new Entry(Property.USER_PROPERTY, new UserProperty(name, value)));
      return this;
    }

    public Properties build() {
      return of(entries);
    }
  }
}
