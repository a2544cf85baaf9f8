package io.relais.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Reads one YAML document into a [Value.Table], with the place of everything. Only the streaming
/// part of Jackson is used, which knows the places and starts fast.
///
/// Owner: the thread that reads. Nesting is bounded by Jackson's limit (500).
final class YamlReader {
  private final String file;
  private final List<Problem> problems;
  private final YAMLParser parser;

  private YamlReader(String file, YAMLParser parser, List<Problem> problems) {
    this.file = file;
    this.parser = parser;
    this.problems = problems;
  }

  static Value.Table read(String file, String text, List<Problem> problems) {
    Origin start = new Origin.InFile(file, 1, 1);
    try (YAMLParser parser =
        (YAMLParser) YAMLFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      return new YamlReader(file, parser, problems).document(start);
    } catch (JacksonException notYaml) {
      TokenStreamLocation at = notYaml.getLocation();
      problems.add(
          new Problem(
              at == null || at.getLineNr() < 1
                  ? start
                  : new Origin.InFile(file, at.getLineNr(), Math.max(1, at.getColumnNr())),
              "is not YAML: "
                  + notYaml.getOriginalMessage().lines().findFirst().orElse("no reason given")));
      return Value.Table.empty(start);
    }
  }

  private Value.Table document(Origin start) {
    if (parser.nextToken() == null || parser.currentToken() == JsonToken.VALUE_NULL) {
      return Value.Table.empty(start);
    }
    Value root = value();
    if (parser.nextToken() != null) {
      problems.add(
          new Problem(here(), "begins a second document; a configuration is one document"));
    }
    if (root instanceof Value.Table table) {
      return table;
    }
    problems.add(new Problem(root.origin(), "is not a table of keys, like `node: {id: n1}`"));
    return Value.Table.empty(start);
  }

  private Value value() {
    Origin origin = here();
    if (parser.isCurrentAlias()) {
      problems.add(
          new Problem(origin, "is a YAML alias; aliases are not supported, write the value again"));
      return new Value.Nothing(origin);
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return table(origin);
    }
    if (token == JsonToken.START_ARRAY) {
      List<Value> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        values.add(value());
      }
      return new Value.Items(values, origin);
    }
    return token == JsonToken.VALUE_NULL
        ? new Value.Nothing(origin)
        : new Value.Text(parser.getString(), origin);
  }

  private Value.Table table(Origin origin) {
    Map<String, Value.Named> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      Origin keyOrigin = here();
      parser.nextToken();
      Value.Named before = entries.putIfAbsent(name, new Value.Named(keyOrigin, value()));
      if (before != null) {
        problems.add(
            new Problem(
                keyOrigin,
                "%s stands here a second time; first at %s".formatted(name, before.keyOrigin())));
      }
    }
    return new Value.Table(entries, origin);
  }

  private Origin here() {
    TokenStreamLocation at = parser.currentTokenLocation();
    return new Origin.InFile(file, Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
  }
}
