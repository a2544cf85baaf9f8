package io.relais.server.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes records of what was written, and goes on after each problem so that all of them are found.
///
/// Owner: one loading.
final class Binder {
  /// Keys that belong to parts which this version does not have.
  private static final Set<String> LATER = Set.of("cluster", "telemetry", "streams", "queues");

  private final Schema.Section root;
  private final List<Problem> problems;
  private final Map<String, Origin> origins = new HashMap<>();
  private final Set<String> wrong = new HashSet<>();

  Binder(Schema.Section root, List<Problem> problems) {
    this.root = root;
    this.problems = problems;
  }

  /// The record, or null if there are problems; `settings` gets one entry per key, in the records'
  /// order.
  @Nullable Object bind(Value.Table table, List<Setting> settings) {
    return section(root, table, "", settings);
  }

  private @Nullable Object section(
      Schema.Section section, Value.Table table, String prefix, List<Setting> settings) {
    table
        .entries()
        .forEach(
            (name, named) -> {
              if (section.entry(name).isEmpty()) {
                problems.add(new Problem(named.keyOrigin(), unknown(section, prefix, name)));
              }
            });

    Map<String, Object> values = new HashMap<>();
    Map<String, List<Setting>> settingsByName = new HashMap<>();
    boolean complete = true;
    for (boolean derived : new boolean[] {false, true}) {
      for (Schema.Entry entry : section.entries()) {
        if (entry.key().derived().isEmpty() == derived) {
          continue;
        }
        List<Setting> own = new ArrayList<>();
        settingsByName.put(entry.name(), own);
        Object value = entry(section, entry, table, prefix, values, own);
        if (value != null) {
          values.put(entry.name(), value);
        } else if (!entry.optional()) {
          complete = false;
        }
      }
    }
    section
        .entries()
        .forEach(entry -> settings.addAll(settingsByName.getOrDefault(entry.name(), List.of())));
    return complete ? construct(section, table, prefix, values) : null;
  }

  private @Nullable Object entry(
      Schema.Section section,
      Schema.Entry entry,
      Value.Table table,
      String prefix,
      Map<String, Object> others,
      List<Setting> settings) {
    String key = prefix + entry.name();
    Value.Named given = table.entries().get(entry.name());
    if (given == null
        || (given.value() instanceof Value.Nothing && entry.schema() instanceof Schema.Section)) {
      return absent(section, entry, key, table, others, settings);
    }
    origins.put(key, given.keyOrigin());
    int problemsBefore = problems.size();
    Object value = value(entry.schema(), given.value(), key, settings, entry.key());
    if (problems.size() > problemsBefore) {
      wrong.add(key);
    }
    boolean replaceable =
        value == null
            && !entry.optional()
            && !entry.mandatory()
            && entry.schema() instanceof Schema.One;
    // Something right in its place, so that the record can be made and judge its other keys.
    return replaceable ? absent(section, entry, key, table, others, settings) : value;
  }

  /// What holds where nothing was written.
  private @Nullable Object absent(
      Schema.Section section,
      Schema.Entry entry,
      String key,
      Value.Table table,
      Map<String, Object> others,
      List<Setting> settings) {
    Origin standard = new Origin.Standard();
    if (entry.optional()) {
      settings.add(new Setting(key, "(none)", standard));
      return null;
    }
    if (entry.mandatory()) {
      problems.add(new Problem(table.origin(), key + " is missing"));
      return null;
    }
    return switch (entry.schema()) {
      case Schema.Section inner -> section(inner, Value.Table.empty(standard), key + ".", settings);
      case Schema.Many many when many.element() instanceof Schema.Section -> List.of();
      case Schema.Many many ->
          value(many, new Value.Text(entry.key().standard(), standard), key, settings, entry.key());
      case Schema.One one -> {
        Object value =
            entry.key().derived().isEmpty()
                ? one.parse(entry.key().standard())
                : DerivedDefaults.of(section.type(), entry.name(), others);
        settings.add(new Setting(key, shown(one, value, entry.key()), standard));
        yield value;
      }
    };
  }

  private @Nullable Object value(
      Schema schema, Value value, String key, List<Setting> settings, Key described) {
    return switch (schema) {
      case Schema.Section section -> {
        if (value instanceof Value.Table table) {
          yield section(section, table, key + ".", settings);
        }
        yield refuse(value, key, "a section with keys like " + section.names().getFirst());
      }
      case Schema.Many many when many.element() instanceof Schema.One one ->
          texts(one, value, key, settings, described);
      case Schema.Many many -> sections(many, value, key, settings, described);
      case Schema.One one -> {
        if (!(value instanceof Value.Text text)) {
          yield refuse(value, key, "a single value");
        }
        Object parsed = parse(one, text, key);
        if (parsed instanceof Path file && described.existing() && !Files.isReadable(file)) {
          String why = Files.exists(file) ? "may not be read by this user" : "does not exist";
          problems.add(
              new Problem(
                  text.origin(),
                  "%s is %s, which %s".formatted(key, file.toAbsolutePath().normalize(), why)));
          yield null;
        }
        if (parsed != null) {
          settings.add(new Setting(key, shown(one, parsed, described), text.origin()));
        }
        yield parsed;
      }
    };
  }

  /// A list of sections. All of them are looked at, also after one that is wrong.
  private @Nullable Object sections(
      Schema.Many many, Value value, String key, List<Setting> settings, Key described) {
    if (!(value instanceof Value.Items items)) {
      return refuse(value, key, "a list; begin each entry with a dash");
    }
    List<Object> bound = new ArrayList<>();
    for (int i = 0; i < items.values().size(); i++) {
      Value item = items.values().get(i);
      String itemKey = key + "." + i;
      origins.put(itemKey, item.origin());
      Object element = value(many.element(), item, itemKey, settings, described);
      if (element != null) {
        bound.add(element);
      }
    }
    return bound.size() == items.values().size() ? bound : null;
  }

  /// A list of single values: a YAML list, or `a, b` in one text.
  private @Nullable Object texts(
      Schema.One one, Value value, String key, List<Setting> settings, Key described) {
    List<Value> items;
    switch (value) {
      case Value.Items list -> items = list.values();
      case Value.Text text -> {
        String bare = text.text().strip();
        if (bare.startsWith("[") && bare.endsWith("]")) {
          bare = bare.substring(1, bare.length() - 1);
        }
        items =
            Arrays.stream(bare.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .<Value>map(item -> new Value.Text(item, text.origin()))
                .toList();
      }
      case Value.Table table -> {
        return refuse(table, key, "a list of values");
      }
      case Value.Nothing nothing -> {
        return refuse(nothing, key, "a list of values");
      }
    }
    List<Object> parsed = new ArrayList<>();
    for (Value item : items) {
      Object element =
          item instanceof Value.Text text
              ? parse(one, text, key)
              : refuse(item, key, "a list of single values");
      if (element != null) {
        parsed.add(element);
      }
    }
    if (parsed.size() < items.size()) {
      return null;
    }
    List<String> printed = parsed.stream().map(element -> shown(one, element, described)).toList();
    settings.add(new Setting(key, "[" + String.join(", ", printed) + "]", value.origin()));
    return parsed;
  }

  private @Nullable Object parse(Schema.One one, Value.Text text, String key) {
    try {
      return one.parse(text.text());
    } catch (IllegalArgumentException unreadable) {
      problems.add(new Problem(text.origin(), key + " " + unreadable.getMessage()));
      return null;
    }
  }

  private @Nullable Object refuse(Value value, String key, String expected) {
    String found =
        switch (value) {
          case Value.Nothing _ -> "has no value";
          case Value.Text text -> "is the text '%s'".formatted(text.text());
          case Value.Items _ -> "is a list";
          case Value.Table _ -> "is a section";
        };
    problems.add(
        new Problem(value.origin(), "%s %s; expected is %s".formatted(key, found, expected)));
    return null;
  }

  private @Nullable Object construct(
      Schema.Section section, Value.Table table, String prefix, Map<String, Object> values) {
    RecordComponent[] components = section.type().getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments = section.names().stream().map(values::get).toArray();
    try {
      Constructor<?> constructor = section.type().getDeclaredConstructor(types);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException thrown) {
      if (!(thrown.getCause() instanceof InvalidSettings invalid)) {
        throw new IllegalStateException(
            "constructor of " + section.type() + " failed", thrown.getCause());
      }
      for (InvalidSettings.Violation violation : invalid.violations()) {
        String key = prefix + violation.key();
        boolean meaningless =
            wrong.contains(key)
                || violation.others().stream().anyMatch(other -> wrong.contains(prefix + other));
        if (!meaningless) {
          problems.add(new Problem(origin(key, table), key + " " + violation.message()));
        }
      }
      return null;
    } catch (ReflectiveOperationException notARecordOfOurs) {
      throw new IllegalStateException("cannot make " + section.type(), notARecordOfOurs);
    }
  }

  private Origin origin(String key, Value.Table table) {
    Origin own = origins.get(key);
    return own == null ? table.origin() : own;
  }

  private String unknown(Schema.Section section, String prefix, String name) {
    if (prefix.isEmpty() && LATER.contains(name)) {
      return name + " is not in this version of Relais; take it out";
    }
    return Spelling.nearest(name, section.names())
        .map(near -> prefix + name + " is not a key; did you mean " + prefix + near + "?")
        .or(
            () ->
                root.entries().stream()
                    .filter(
                        entry ->
                            entry.schema() instanceof Schema.Section inner
                                && inner.entry(name).isPresent())
                    .findFirst()
                    .map(
                        entry ->
                            "%s%s is not a key; did you mean %s.%s?"
                                .formatted(prefix, name, entry.name(), name)))
        .orElseGet(
            () ->
                "%s%s is not a key; keys here are %s"
                    .formatted(prefix, name, String.join(", ", section.names())));
  }

  private static String shown(Schema.One one, Object value, Key described) {
    return described.secret() ? "********" : one.print(value);
  }
}
