package io.relais.cli.mosquitto;

import io.relais.cli.mosquitto.Imported.Note;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An `acl_file` as rules in an order in which the first that fits decides as mosquitto does: what
/// is said of the user comes before patterns, and what is denied before what is allowed.
///
/// Owner: one import.
final class AccessFile {
  /// Stands for clients without a user name, as in the rules.
  private static final String ANONYMOUS = "";

  private final List<Map<String, Object>> denied = new ArrayList<>();
  private final List<Map<String, Object>> allowed = new ArrayList<>();
  private final List<Map<String, Object>> patternsDenied = new ArrayList<>();
  private final List<Map<String, Object>> patternsAllowed = new ArrayList<>();
  private final List<Note> notes;

  private AccessFile(List<Note> notes) {
    this.notes = notes;
  }

  /// @param notes gets what could not be taken over
  /// @return at least one rule, since a file of none forbids everything
  static List<Map<String, Object>> rules(Path file, List<Note> notes) throws IOException {
    var access = new AccessFile(notes);
    String user = ANONYMOUS;
    for (Line line : Line.of(file)) {
      switch (line.key()) {
        case "user" -> user = line.value();
        case "topic" -> access.add(line, user, false);
        case "pattern" -> access.add(line, user, true);
        default ->
            notes.add(
                new Note(
                    line.where(), "'" + line.key() + "' is neither user nor topic nor pattern"));
      }
    }
    List<Map<String, Object>> rules = new ArrayList<>(access.denied);
    rules.addAll(access.allowed);
    rules.addAll(access.patternsDenied);
    rules.addAll(access.patternsAllowed);
    if (rules.isEmpty()) {
      rules.add(rule("deny", "all", "#"));
    }
    return rules;
  }

  private void add(Line line, String user, boolean pattern) {
    String filter = line.value();
    String access = "readwrite";
    for (String word : List.of("readwrite", "read", "write", "deny")) {
      if (filter.startsWith(word + " ") || filter.startsWith(word + "\t")) {
        access = word;
        filter = filter.substring(word.length()).strip();
        break;
      }
    }
    String problem = problem(filter, pattern);
    if (problem != null) {
      notes.add(
          new Note(
              line.where(),
              "'%s %s' %s%s"
                  .formatted(
                      line.key(),
                      line.value(),
                      problem,
                      access.equals("deny") ? "; what it forbids is NOT forbidden here" : "")));
      return;
    }
    boolean denies = access.equals("deny");
    Map<String, Object> rule =
        rule(
            denies ? "deny" : "allow",
            switch (access) {
              case "read" -> "subscribe";
              case "write" -> "publish";
              default -> "all";
            },
            filter);
    if (pattern) {
      (denies ? patternsDenied : patternsAllowed).add(rule);
    } else {
      rule.put("username", user);
      (denies ? denied : allowed).add(rule);
    }
  }

  private static @org.jspecify.annotations.Nullable String problem(String filter, boolean pattern) {
    for (String level : filter.split("/", -1)) {
      boolean placeholder = level.equals("%u") || level.equals("%c");
      if (pattern && !placeholder && (level.contains("%u") || level.contains("%c"))) {
        return "has %u or %c as a part of a level; here it stands for a whole one";
      }
      if (!pattern && placeholder) {
        return "has a level " + level + ", which here would stand for the client's own name";
      }
    }
    String wrong = io.relais.protocol.Topics.problemWithFilter(filter);
    return wrong == null ? null : "is no topic filter: " + wrong;
  }

  private static Map<String, Object> rule(String effect, String action, String filter) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("effect", effect);
    rule.put("action", action);
    rule.put("filter", filter);
    return rule;
  }
}
