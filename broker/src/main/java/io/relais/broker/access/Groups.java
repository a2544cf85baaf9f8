package io.relais.broker.access;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Names of groups that clients are in: what they may look like, and how they are read.
public final class Groups {
  public static final int GROUPS_MAX = 256;
  public static final int NAME_MAX = 256;

  private Groups() {}

  /// What is wrong with the groups of one client, or null.
  public static @Nullable String problem(List<? extends @Nullable String> groups) {
    if (groups.size() > GROUPS_MAX) {
      return "has %d groups, the most is %d".formatted(groups.size(), GROUPS_MAX);
    }
    for (String group : groups) {
      String problem = group == null ? "is null" : problemWithName(group);
      if (problem != null) {
        return "has a name that " + problem;
      }
    }
    return null;
  }

  /// What is wrong with the name of a group, or null.
  public static @Nullable String problemWithName(String name) {
    if (name.isBlank()) {
      return "is empty";
    }
    if (name.length() > NAME_MAX) {
      return "has more than " + NAME_MAX + " characters";
    }
    return name.codePoints().anyMatch(Character::isISOControl) ? "has a control character" : null;
  }

  /// Reads groups that somebody else tells: a list of names, or one name.
  ///
  /// @param said as a reader of JSON made it
  /// @throws IllegalArgumentException with a sentence that says what is wrong and quotes nothing
  static Set<String> read(Object said) {
    List<String> names = new ArrayList<>();
    for (Object one : said instanceof List<?> list ? list : List.of(said)) {
      if (!(one instanceof String name)) {
        throw new IllegalArgumentException("it is neither a text nor a list of texts");
      }
      names.add(name);
    }
    String problem = problem(names);
    if (problem != null) {
      throw new IllegalArgumentException("it " + problem);
    }
    return Set.copyOf(names);
  }

  /// The organizational units of a certificate that TLS checked.
  static Set<String> of(@Nullable X509Certificate certificate) {
    return certificate == null
        ? Set.of()
        : new LinkedHashSet<>(CertificateName.subject(certificate, "OU"));
  }
}
