package io.relais.server.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Lays single values, named by paths, over what a file says.
///
/// Owner: one loading.
final class Overlay {
  /// Variables that begin with `RELAIS_` and are no keys.
  private static final List<String> NOT_KEYS =
      List.of(
          "RELAIS_JVM_OPTIONS",
          "RELAIS_JVM_DIRS",
          "RELAIS_JAVA_HOME",
          "RELAIS_MANAGER_HOME",
          "RELAIS_PASSWORD",
          "RELAIS_NEW_PASSWORD",
          "RELAIS_KEY",
          "RELAIS_URL");

  /// What Kubernetes sets in each pod for a service whose name begins with `relais`.
  private static final Pattern OF_KUBERNETES =
      Pattern.compile("RELAIS_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_\\d+_(TCP|UDP).*)?)");

  private static final int INDEX_MAX = 1_000;

  private final Schema.Section root;
  private final Value.Table table;
  private final List<Problem> problems;

  Overlay(Schema.Section root, Value.Table table, List<Problem> problems) {
    this.root = root;
    this.table = table;
    this.problems = problems;
  }

  /// Lays `over` on the table: sections are merged, everything else replaced.
  void merge(Value.Table over) {
    merge(table, over);
  }

  private static void merge(Value.Table base, Value.Table over) {
    over.entries()
        .forEach(
            (name, named) -> {
              Value.Named below = base.entries().get(name);
              if (below != null
                  && below.value() instanceof Value.Table lower
                  && named.value() instanceof Value.Table upper) {
                merge(lower, upper);
              } else {
                base.entries().put(name, named);
              }
            });
  }

  /// What the API changed. What it could not change today, perhaps since another version did, is
  /// left out.
  void stored(Stored stored, List<String> warnings) {
    stored
        .values()
        .forEach(
            (key, json) -> {
              String problem = KnownKey.problemWithSetting(key);
              if (problem == null) {
                lay(KnownKey.path(key), json, new Origin.Api(stored.revision(), key));
              } else {
                warnings.add("What the API set is ignored: " + key + " " + problem);
              }
            });
  }

  private void lay(List<String> path, JsonNode json, Origin origin) {
    Value.Table within = table;
    for (String section : path.subList(0, path.size() - 1)) {
      Value.Named below = within.entries().get(section);
      Value.Table next =
          below != null && below.value() instanceof Value.Table there
              ? there
              : Value.Table.empty(origin);
      within.entries().put(section, new Value.Named(origin, next));
      within = next;
    }
    within.entries().put(path.getLast(), new Value.Named(origin, value(json, origin)));
  }

  private static Value value(JsonNode json, Origin origin) {
    if (json.isArray()) {
      List<Value> items = new ArrayList<>();
      json.forEach(item -> items.add(value(item, origin)));
      return new Value.Items(items, origin);
    }
    if (json.isObject()) {
      Value.Table section = Value.Table.empty(origin);
      json.properties()
          .forEach(
              field ->
                  section
                      .entries()
                      .put(
                          field.getKey(),
                          new Value.Named(origin, value(field.getValue(), origin))));
      return section;
    }
    return json.isNull() ? new Value.Nothing(origin) : new Value.Text(json.asString(), origin);
  }

  void environment(Map<String, String> environment, List<String> warnings) {
    List<String> names =
        environment.keySet().stream()
            .filter(name -> name.startsWith("RELAIS_"))
            .filter(name -> !NOT_KEYS.contains(name) && !OF_KUBERNETES.matcher(name).matches())
            .sorted(Comparator.comparing(Overlay::withPaddedNumbers))
            .toList();
    for (String name : names) {
      Origin origin = new Origin.Environment(name);
      String rest = name.substring("RELAIS_".length());
      Optional<List<String>> path = path(root, rest);
      if (path.isPresent()) {
        put(path.get(), environment.getOrDefault(name, ""), origin);
      } else if (belongsToALaterPart(rest)) {
        problems.add(
            new Problem(origin, "is for a part that is not in this version of Relais; unset it"));
      } else {
        String meant =
            Spelling.nearest(name, environmentNames())
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
        if (root.entries().stream()
            .anyMatch(entry -> rest.startsWith(entry.environmentName() + "_"))) {
          problems.add(new Problem(origin, "stands for no key" + meant));
        } else {
          warnings.add(origin + " stands for no key and is ignored" + meant);
        }
      }
    }
  }

  /// One `KEY=VALUE` of `--set`.
  void set(String assignment) {
    int equals = assignment.indexOf('=');
    Origin origin =
        new Origin.Option("--set " + (equals < 0 ? assignment : assignment.substring(0, equals)));
    if (equals < 1) {
      problems.add(new Problem(origin, "needs KEY=VALUE, like --set limits.payload-bytes=2MiB"));
      return;
    }
    put(
        List.of(assignment.substring(0, equals).strip().split("\\.", -1)),
        assignment.substring(equals + 1),
        origin);
  }

  /// Replaces the list of listeners by `[TRANSPORT://]HOST:PORT[/PATH]` each.
  void listen(List<String> addresses) {
    List<Value> items = new ArrayList<>();
    for (String address : addresses) {
      Origin origin = new Origin.Option("--listen " + address);
      Value.Table listener = Value.Table.empty(origin);
      int scheme = address.indexOf("://");
      String transport = scheme < 0 ? "tcp" : address.substring(0, scheme);
      String rest = scheme < 0 ? address : address.substring(scheme + 3);
      int slash = rest.indexOf('/');
      boolean hasPath = slash >= 0 && !transport.equals("unix");
      add(listener, "bind", hasPath ? rest.substring(0, slash) : rest, origin);
      add(listener, "transport", transport, origin);
      if (hasPath) {
        add(listener, "path", rest.substring(slash), origin);
      }
      items.add(listener);
    }
    Origin origin = new Origin.Option("--listen");
    table.entries().put("listeners", new Value.Named(origin, new Value.Items(items, origin)));
  }

  private static void add(Value.Table to, String name, String text, Origin origin) {
    to.entries().put(name, new Value.Named(origin, new Value.Text(text, origin)));
  }

  /// Walks down to the last step of `path`, making sections and list entries where there are none.
  private void put(List<String> path, String text, Origin origin) {
    Schema schema = root;
    Value.Table within = table;
    for (int i = 0; i < path.size(); i++) {
      String name = path.get(i);
      if (!(schema instanceof Schema.Section section) || section.entry(name).isEmpty()) {
        // The binder knows how to say what is wrong with it, and what was meant.
        within.entries().put(name, new Value.Named(origin, new Value.Text(text, origin)));
        return;
      }
      schema = section.entry(name).get().schema();
      boolean last = i == path.size() - 1;
      if (schema instanceof Schema.Many many && !last) {
        i++;
        Value.Named list = within.entries().get(name);
        Value.Items items =
            list != null && list.value() instanceof Value.Items present
                ? present
                : new Value.Items(new ArrayList<>(), origin);
        within
            .entries()
            .put(name, new Value.Named(list == null ? origin : list.keyOrigin(), items));
        int index = index(path, i, items, origin);
        if (index < 0) {
          return;
        }
        if (i == path.size() - 1) {
          setItem(items, index, new Value.Text(text, origin));
          return;
        }
        schema = many.element();
        Value.Table next =
            index < items.values().size()
                    && items.values().get(index) instanceof Value.Table present
                ? present
                : Value.Table.empty(origin);
        setItem(items, index, next);
        within = next;
      } else if (last) {
        if (schema instanceof Schema.Section inner) {
          String key = String.join(".", path);
          problems.add(
              new Problem(
                  origin,
                  "%s is a section; set one of its keys, like %s.%s"
                      .formatted(key, key, inner.names().getFirst())));
          return;
        }
        within.entries().put(name, new Value.Named(origin, new Value.Text(text, origin)));
      } else if (schema instanceof Schema.Section) {
        Value.Named below = within.entries().get(name);
        Value.Table next =
            below != null && below.value() instanceof Value.Table present
                ? present
                : Value.Table.empty(origin);
        within
            .entries()
            .put(name, new Value.Named(below == null ? origin : below.keyOrigin(), next));
        within = next;
      } else {
        String key = String.join(".", path.subList(0, i + 1));
        problems.add(
            new Problem(origin, "%s has no keys below it; set %s itself".formatted(key, key)));
        return;
      }
    }
  }

  private int index(List<String> path, int at, Value.Items items, Origin origin) {
    String written = path.get(at);
    int next = items.values().size();
    if (written.matches("\\d{1,4}") && Integer.parseInt(written) <= Math.min(next, INDEX_MAX)) {
      return Integer.parseInt(written);
    }
    String key = String.join(".", path.subList(0, at));
    problems.add(
        new Problem(
            origin,
            "%s is a list of %d; after it comes an index from 0 to %d, not '%s'"
                .formatted(key, next, next, written)));
    return -1;
  }

  private static void setItem(Value.Items items, int index, Value value) {
    if (index == items.values().size()) {
      items.values().add(value);
    } else {
      items.values().set(index, value);
    }
  }

  /// The path that the words of an environment variable stand for: `_` stands for `.` and for `-`.
  private static Optional<List<String>> path(Schema schema, String rest) {
    return switch (schema) {
      case Schema.One _ -> Optional.empty();
      case Schema.Many many -> {
        int end = rest.indexOf('_');
        String index = end < 0 ? rest : rest.substring(0, end);
        if (!index.matches("\\d{1,4}")) {
          yield Optional.empty();
        }
        yield end < 0
            ? Optional.of(List.of(index))
            : path(many.element(), rest.substring(end + 1)).map(below -> prepend(index, below));
      }
      case Schema.Section section -> {
        for (Schema.Entry entry : section.entries()) {
          String name = entry.environmentName();
          if (rest.equals(name)) {
            yield Optional.of(List.of(entry.name()));
          }
          if (rest.startsWith(name + "_")) {
            Optional<List<String>> below = path(entry.schema(), rest.substring(name.length() + 1));
            if (below.isPresent()) {
              yield below.map(found -> prepend(entry.name(), found));
            }
          }
        }
        yield Optional.empty();
      }
    };
  }

  private static List<String> prepend(String first, List<String> rest) {
    List<String> all = new ArrayList<>();
    all.add(first);
    all.addAll(rest);
    return all;
  }

  private static boolean belongsToALaterPart(String rest) {
    return rest.matches("(CLUSTER|TELEMETRY|STREAMS|QUEUES)(_.*)?");
  }

  private List<String> environmentNames() {
    List<String> names = new ArrayList<>();
    collect(root, "RELAIS_", names);
    return names;
  }

  private static void collect(Schema.Section section, String prefix, List<String> names) {
    for (Schema.Entry entry : section.entries()) {
      String name = prefix + entry.environmentName();
      switch (entry.schema()) {
        case Schema.Section inner -> collect(inner, name + "_", names);
        case Schema.Many many when many.element() instanceof Schema.Section inner ->
            collect(inner, name + "_0_", names);
        case Schema.Many _, Schema.One _ -> names.add(name);
      }
    }
  }

  /// So that entry 2 of a list comes before entry 10, which may only be set after it.
  private static String withPaddedNumbers(String name) {
    return Pattern.compile("\\d+")
        .matcher(name)
        .replaceAll(
            number -> "0".repeat(Math.max(0, 9 - number.group().length())) + number.group());
  }
}
