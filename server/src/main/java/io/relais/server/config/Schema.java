package io.relais.server.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What may stand in a configuration, read from the records.
sealed interface Schema {

  /// A table whose keys are the components of a record.
  record Section(Class<? extends Record> type, List<Entry> entries) implements Schema {
    Optional<Entry> entry(String name) {
      return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    List<String> names() {
      return entries.stream().map(Entry::name).toList();
    }
  }

  record Many(Schema element) implements Schema {}

  /// A single value; `sized` numbers are written with a unit.
  record One(Class<?> type, boolean sized) implements Schema {

    /// The value that `text` stands for.
    ///
    /// @throws IllegalArgumentException with a message that continues "this key ..."
    Object parse(String text) {
      return switch (type.getSimpleName()) {
        case "String" -> text;
        case "boolean" -> parseSwitch(text);
        case "int" -> sized ? inInt(Units.parseSize(text), text) : inInt(parseWhole(text), text);
        case "long" -> sized ? Units.parseSize(text) : parseWhole(text);
        case "Duration" ->
            text.equals("never") ? LimitsConfiguration.NEVER : Units.parseDuration(text);
        case "Path" -> parsePath(text);
        case "HostPort" -> HostPort.parse(text);
        default -> parseChoice(text);
      };
    }

    /// The value as it would stand in a file.
    String print(Object value) {
      return switch (value) {
        case Duration duration -> Units.duration(duration);
        case Enum<?> constant -> Spelling.kebab(constant);
        case Number number when sized -> Units.size(number.longValue());
        default -> value.toString();
      };
    }

    /// What to write, for the reference.
    String describe() {
      return switch (type.getSimpleName()) {
        case "String" -> "text";
        case "boolean" -> "`true` or `false`";
        case "int", "long" -> sized ? "size" : "number";
        case "Duration" -> "duration";
        case "Path" -> "path";
        case "HostPort" -> "`HOST:PORT`";
        default ->
            choices().stream().map(choice -> "`" + choice + "`").collect(Collectors.joining(", "));
      };
    }

    private static boolean parseSwitch(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default ->
            throw new IllegalArgumentException("is '%s'; write true or false".formatted(text));
      };
    }

    private static long parseWhole(String text) {
      if (!text.matches("-?\\d{1,18}")) {
        throw new IllegalArgumentException("is '%s'; write a whole number".formatted(text));
      }
      return Long.parseLong(text);
    }

    private static int inInt(long value, String text) {
      if (value != (int) value) {
        throw new IllegalArgumentException("is '%s', which is too large".formatted(text));
      }
      return (int) value;
    }

    private static Path parsePath(String text) {
      if (text.isBlank() || text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "is '%s'; write the path of a file or folder".formatted(text));
      }
      return Path.of(text);
    }

    private Object parseChoice(String text) {
      for (Object constant : type.getEnumConstants()) {
        if (Spelling.kebab((Enum<?>) constant).equals(text)) {
          return constant;
        }
      }
      String meant =
          Spelling.nearest(text, choices()).map(near -> "; did you mean " + near + "?").orElse("");
      throw new IllegalArgumentException(
          "is '%s'; choose one of %s%s".formatted(text, String.join(", ", choices()), meant));
    }

    private List<String> choices() {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> Spelling.kebab((Enum<?>) constant))
          .toList();
    }
  }

  /// One key of a section.
  record Entry(String name, Key key, boolean optional, Schema schema) {

    /// The part of an environment variable's name that stands for this key.
    String environmentName() {
      return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /// Whether the key must be given.
    boolean mandatory() {
      return !optional
          && key.derived().isEmpty()
          && key.standard().isEmpty()
          && schema instanceof One;
    }
  }

  static Section of(Class<? extends Record> type) {
    List<Entry> entries = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Key key = component.getAnnotation(Key.class);
      if (key == null) {
        throw new IllegalStateException(type + "." + component.getName() + " lacks @Key");
      }
      String name = Spelling.kebab(component.getName());
      entries.add(
          new Entry(
              name,
              key,
              component.getAnnotatedType().isAnnotationPresent(Nullable.class),
              of(component.getGenericType(), name.endsWith("-bytes"))));
    }
    return new Section(type, entries);
  }

  private static Schema of(Type type, boolean sized) {
    return switch (type) {
      case ParameterizedType list when list.getRawType() == List.class ->
          new Many(of(list.getActualTypeArguments()[0], sized));
      case Class<?> one when one.isRecord() && one != HostPort.class ->
          of(one.asSubclass(Record.class));
      case Class<?> one -> new One(one, sized);
      default -> throw new IllegalStateException("no configuration key can have the type " + type);
    };
  }
}
