package io.relais.broker;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.relais.protocol.Topics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One rule of how topics are rewritten.
///
/// @param source takes in the topics that it is about; a filter of a SUBSCRIBE is compared as if it
///   were a topic
/// @param regex that is to be found in the topic, in the syntax of RE2
/// @param destination what the topic becomes: `$1` to `$9` stand for groups of the regex, `%u` and
///   `%c` for the client's user name and id
public record RewriteRule(Action action, String source, String regex, String destination) {
  public static final int RULES_MAX = 100;
  public static final int REGEX_LENGTH_MAX = 1_024;

  private static final String INVENTED = "x";

  public enum Action {
    PUBLISH,
    SUBSCRIBE,
    ALL
  }

  /// A part of a destination.
  sealed interface Part {
    record Text(String text) implements Part {}

    record Group(int number) implements Part {}

    record Username() implements Part {}

    record ClientId() implements Part {}
  }

  /// @throws IllegalArgumentException if one of them has a problem
  public RewriteRule {
    String problem = problemWithSource(source);
    problem = problem == null ? problemWithRegex(regex) : problem;
    problem = problem == null ? problemWithDestination(destination, regex) : problem;
    if (problem != null) {
      throw new IllegalArgumentException("A rule for " + source + ": " + problem);
    }
  }

  /// As the end of a sentence; null: none.
  public static @Nullable String problemWithSource(String source) {
    return Topics.problemWithFilter(source);
  }

  /// As the end of a sentence; null: none.
  public static @Nullable String problemWithRegex(String regex) {
    if (regex.isEmpty() || regex.length() > REGEX_LENGTH_MAX) {
      return "has %d characters; it must have 1 to %d".formatted(regex.length(), REGEX_LENGTH_MAX);
    }
    try {
      Pattern.compile(regex);
      return null;
    } catch (PatternSyntaxException e) {
      return "is no regular expression: " + e.getDescription() + " at '" + e.getPattern() + "'";
    }
  }

  /// As the end of a sentence; null: none.
  ///
  /// @param regex with the groups that it speaks of; nothing is said where that has a problem
  ///   itself
  public static @Nullable String problemWithDestination(String destination, String regex) {
    if (destination.startsWith("$") && !destination.matches("(?s)\\$[0-9].*")) {
      return "begins with $, under which topics have a meaning";
    }
    int groups = problemWithRegex(regex) == null ? Pattern.compile(regex).groupCount() : 9;
    var example = new StringBuilder();
    for (Part part : parts(destination)) {
      if (part instanceof Part.Group(int number) && number > groups) {
        return "speaks of $%d, and the regular expression has %d groups".formatted(number, groups);
      }
      example.append(part instanceof Part.Text(String text) ? text : INVENTED);
    }
    String problem = Topics.problemWithFilter(example.toString());
    return problem == null ? null : "makes no topic: " + problem;
  }

  List<Part> parts() {
    return parts(destination);
  }

  private static List<Part> parts(String destination) {
    List<Part> parts = new ArrayList<>();
    var text = new StringBuilder();
    int at = 0;
    while (at < destination.length()) {
      Part special = at + 1 < destination.length() ? special(destination, at) : null;
      if (special == null) {
        text.append(destination.charAt(at++));
        continue;
      }
      if (!text.isEmpty()) {
        parts.add(new Part.Text(text.toString()));
        text.setLength(0);
      }
      parts.add(special);
      at += 2;
    }
    if (!text.isEmpty()) {
      parts.add(new Part.Text(text.toString()));
    }
    return parts;
  }

  private static @Nullable Part special(String destination, int at) {
    char next = destination.charAt(at + 1);
    return switch (destination.charAt(at)) {
      case '$' -> next >= '0' && next <= '9' ? new Part.Group(next - '0') : null;
      case '%' ->
          switch (next) {
            case 'u' -> new Part.Username();
            case 'c' -> new Part.ClientId();
            default -> null;
          };
      default -> null;
    };
  }
}
