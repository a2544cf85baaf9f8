package io.relais.server.store;

import io.relais.storage.InvalidItem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The fields of a JSON object, each asked for by name and form; [#end] refuses those that nobody
/// asked for.
///
/// Owner: one thread.
final class Fields {
  private final ObjectNode object;
  private final String path;
  private final Set<String> asked = new HashSet<>();

  /// @param path before the names of the fields in sentences, with a dot; empty: the line itself
  Fields(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /// @return null where it is missing or null
  private @Nullable JsonNode get(String name) {
    asked.add(name);
    JsonNode field = object.get(name);
    return field == null || field.isNull() ? null : field;
  }

  private InvalidItem wrong(String name, String right) {
    JsonNode field = object.get(name);
    return new InvalidItem(
        field == null
            ? "%s%s is missing; it is %s".formatted(path, name, right)
            : "%s%s is no such thing; it is %s".formatted(path, name, right));
  }

  boolean has(String name) {
    return get(name) != null;
  }

  @Nullable String textOrNull(String name) throws InvalidItem {
    JsonNode field = get(name);
    if (field == null) {
      return null;
    }
    if (!field.isString()) {
      throw wrong(name, "a string");
    }
    return field.stringValue();
  }

  String text(String name) throws InvalidItem {
    String text = textOrNull(name);
    if (text == null) {
      throw wrong(name, "a string");
    }
    return text;
  }

  /// @return false where it is missing
  boolean is(String name) throws InvalidItem {
    JsonNode field = get(name);
    if (field != null && !field.isBoolean()) {
      throw wrong(name, "true or false");
    }
    return field != null && field.booleanValue();
  }

  long number(String name, long least) throws InvalidItem {
    JsonNode field = get(name);
    if (field == null
        || !field.isIntegralNumber()
        || !field.canConvertToLong()
        || field.longValue() < least) {
      throw wrong(name, "a whole number from " + least);
    }
    return field.longValue();
  }

  long numberOr(String name, long otherwise) throws InvalidItem {
    return has(name) ? number(name, 0) : otherwise;
  }

  int small(String name, int least, int most) throws InvalidItem {
    JsonNode field = get(name);
    if (field == null || !isWithin(field, least, most)) {
      throw wrong(name, "a whole number from %d to %d".formatted(least, most));
    }
    return field.intValue();
  }

  private static boolean isWithin(JsonNode field, int least, int most) {
    return field.isIntegralNumber()
        && field.canConvertToInt()
        && field.intValue() >= least
        && field.intValue() <= most;
  }

  /// @return 0 where it is missing
  int smallOr(String name, int most) throws InvalidItem {
    return has(name) ? small(name, 0, most) : 0;
  }

  /// @return empty where it is missing
  List<Integer> smalls(String name, int most) throws InvalidItem {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      if (!isWithin(element, 1, most)) {
        throw wrong(name, "a list of whole numbers from 1 to " + most);
      }
      numbers.add(element.intValue());
    }
    return numbers;
  }

  /// @return empty where it is missing
  List<String> texts(String name) throws InvalidItem {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      if (!element.isString()) {
        throw wrong(name, "a list of strings");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  private List<JsonNode> elements(String name) throws InvalidItem {
    JsonNode field = get(name);
    if (field == null) {
      return List.of();
    }
    if (!field.isArray()) {
      throw wrong(name, "a list");
    }
    List<JsonNode> elements = new ArrayList<>();
    field.forEach(elements::add);
    return elements;
  }

  @Nullable Fields objectOrNull(String name) throws InvalidItem {
    JsonNode field = get(name);
    if (field == null) {
      return null;
    }
    if (!(field instanceof ObjectNode inner)) {
      throw wrong(name, "an object");
    }
    return new Fields(inner, path + name + ".");
  }

  /// @return empty where it is missing
  List<Fields> objects(String name) throws InvalidItem {
    List<Fields> all = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      if (!(element instanceof ObjectNode inner)) {
        throw wrong(name, "a list of objects");
      }
      all.add(new Fields(inner, "%s%s[%d].".formatted(path, name, all.size())));
    }
    return all;
  }

  /// @throws InvalidItem naming a field that nobody asked for
  void end() throws InvalidItem {
    for (String name : object.propertyNames()) {
      if (!asked.contains(name)) {
        throw new InvalidItem(
            "%s%s is no field here; there are %s"
                .formatted(path, name, String.join(", ", asked.stream().sorted().toList())));
      }
    }
  }
}
