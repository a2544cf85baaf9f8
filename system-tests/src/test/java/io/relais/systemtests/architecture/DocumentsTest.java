package io.relais.systemtests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents grow stale where nothing reads them: what they quote and link must exist.
class DocumentsTest {
  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");

  /// `Type` or `Type.member`; words in capitals alone are packets and constants.
  private static final Pattern NAME =
      Pattern.compile("([A-Z]\\w*[a-z]\\w*)((?:\\.[A-Za-z_]\\w*)*)(?:\\(\\))?");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
  private static final Pattern DEPENDENCY =
      Pattern.compile("(?s)<dependency>.*?<groupId>([^<]+)</groupId>");

  static List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> top = Files.list(Product.ROOT);
        Stream<Path> docs = Files.walk(Product.ROOT.resolve("docs"))) {
      Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .map(Product.ROOT::relativize)
          .sorted()
          .forEach(found::add);
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ARCHITECTURE.md", "CONTRIBUTING.md", "docs/concurrency.md", "docs/vocabulary.md"})
  void quoted_types_and_members_exist(String document) throws IOException {
    List<String> quoted = new ArrayList<>();
    List<String> unknown = new ArrayList<>();

    Matcher spans = SPAN.matcher(FENCE.matcher(read(Path.of(document))).replaceAll(""));
    while (spans.find()) {
      Matcher name = NAME.matcher(spans.group(1));
      if (name.matches()) {
        quoted.add(name.group());
        if (!exists(name.group(1), name.group(2))) {
          unknown.add(name.group());
        }
      }
    }

    assertThat(quoted).as("names that %s quotes", document).isNotEmpty();
    assertThat(unknown).as("names in %s that no class has", document).isEmpty();
  }

  /// Types of others that the program uses.
  private static final Set<String> FOREIGN = foreign();

  /// Files of all modules, for what is no part of the program: tests and their tools.
  private static final Set<String> SOURCES = sources();

  private static boolean exists(String type, String members) {
    List<JavaClass> candidates =
        Product.CLASSES.stream().filter(found -> found.getSimpleName().equals(type)).toList();
    if (candidates.isEmpty()) {
      return members.isEmpty() && (FOREIGN.contains(type) || SOURCES.contains(type + ".java"));
    }
    String[] path = members.isEmpty() ? new String[0] : members.substring(1).split("\\.");
    return candidates.stream().anyMatch(candidate -> has(candidate, path, 0));
  }

  private static boolean has(JavaClass type, String[] path, int at) {
    if (at == path.length) {
      return true;
    }
    String next = path[at];
    if (at == path.length - 1
        && type.getAllMembers().stream().map(JavaMember::getName).anyMatch(next::equals)) {
      return true;
    }
    String nested = type.getName() + "$" + next;
    return Product.CLASSES.contain(nested) && has(Product.CLASSES.get(nested), path, at + 1);
  }

  private static Set<String> foreign() {
    Set<String> names = new HashSet<>();
    for (JavaClass type : Product.CLASSES) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        names.add(dependency.getTargetClass().getBaseComponentType().getSimpleName());
      }
    }
    return names;
  }

  private static Set<String> sources() {
    Set<String> names = new HashSet<>();
    try (Stream<Path> modules = Files.list(Product.ROOT)) {
      for (Path module : modules.map(folder -> folder.resolve("src")).toList()) {
        if (Files.isDirectory(module)) {
          try (Stream<Path> files = Files.walk(module)) {
            files.map(file -> file.getFileName().toString()).forEach(names::add);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void links_lead_to_files(Path document) throws IOException {
    Path file = Product.ROOT.resolve(document);
    List<String> broken = new ArrayList<>();

    Matcher links = LINK.matcher(FENCE.matcher(read(document)).replaceAll(""));
    while (links.find()) {
      String target = links.group(1);
      if (!target.contains("://") && !Files.exists(file.resolveSibling(target))) {
        broken.add(target);
      }
    }

    assertThat(broken).as("links of %s that lead nowhere", document).isEmpty();
  }

  @Test
  void each_dependency_has_a_decision_record() throws IOException {
    var records = new StringBuilder();
    for (Path document : documents()) {
      if (document.startsWith("docs/decisions")) {
        records.append(read(document));
      }
    }
    Set<String> groups = new TreeSet<>();
    try (Stream<Path> modules = Files.list(Product.ROOT)) {
      Stream<Path> folders = Stream.concat(Stream.of(Product.ROOT), modules);
      for (Path pom : folders.map(folder -> folder.resolve("pom.xml")).toList()) {
        if (Files.exists(pom)) {
          Matcher dependencies = DEPENDENCY.matcher(Files.readString(pom));
          while (dependencies.find()) {
            groups.add(dependencies.group(1));
          }
        }
      }
    }
    groups.remove("io.relais");

    var unrecorded = groups.stream().filter(group -> records.indexOf("`" + group) < 0).toList();

    assertThat(groups).contains("io.netty", "org.slf4j");
    assertThat(unrecorded).as("dependencies that no record in docs/decisions names").isEmpty();
  }

  @Test
  void decision_records_are_numbered_without_gaps() throws IOException {
    List<String> numbers = new ArrayList<>();

    for (Path document : documents()) {
      if (document.startsWith("docs/decisions")) {
        numbers.add(document.getFileName().toString().substring(0, 4));
      }
    }

    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo("%04d".formatted(i + 1));
    }
    assertThat(numbers).isNotEmpty();
  }

  private static String read(Path document) throws IOException {
    return Files.readString(Product.ROOT.resolve(document));
  }
}
