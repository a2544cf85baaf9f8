package io.relais.systemtests.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.testkit.Conforms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/// The statements of the standards joined with the tests that show them and the places in code that
/// obey them.
///
/// Owner: the thread that reads; not changed afterwards.
final class Ledger {
  private static final Pattern MARK =
      Pattern.compile("(v3: ?\\[?)?(MQTT-\\d+\\.\\d+\\.\\d+-\\d+|MQIsdp-\\d+)");

  /// A standard as the ledger lists it.
  private record Standard(String title, String file, String prefix) {}

  private static final List<Standard> STANDARDS =
      List.of(
          new Standard("MQTT 5.0", "mqtt-5.0.tsv", ""),
          new Standard("MQTT 3.1.1", "mqtt-3.1.1.tsv", "v3:"),
          new Standard("MQTT 3.1", "mqtt-3.1.tsv", ""));

  /// @param id as marks and annotations have it, so with `v3:` for 3.1.1
  /// @param obliged `server`, `client` or `both`
  /// @param test what a test on a server looks like; from `n/a` on, what stands in its way
  record Statement(String id, String obliged, String packet, String paraphrase, String test) {
    boolean obligesServer() {
      return !obliged.equals("client");
    }

    boolean mayBeWaived() {
      return test.startsWith("n/a");
    }
  }

  final Path root;
  final Map<String, List<Statement>> standards = new LinkedHashMap<>();
  final SortedMap<String, Statement> statements = new TreeMap<>();

  /// Ids with the tests that name them, as `ConnectConformanceTest.a_sentence`.
  final SortedMap<String, SortedSet<String>> tests = new TreeMap<>();

  /// Methods that carry `@Conforms` and are no tests.
  final List<String> notTests = new ArrayList<>();

  /// Ids with the classes of the program whose source names them.
  final SortedMap<String, SortedSet<String>> marks = new TreeMap<>();

  /// Ids with the reason why no test shows them.
  final Map<String, String> waivers = new LinkedHashMap<>();

  /// Ids whose tests are still to be written.
  final SortedSet<String> missing = new TreeSet<>();

  Ledger() {
    root = root();
    for (Standard standard : STANDARDS) {
      List<Statement> list = new ArrayList<>();
      for (String line : lines(standard.file)) {
        String[] cells = line.split("\t", -1);
        if (cells.length != 5) {
          throw new IllegalStateException(
              "%s: a line has 5 cells, not %d: %s".formatted(standard.file, cells.length, line));
        }
        Statement statement =
            new Statement(standard.prefix + cells[0], cells[1], cells[2], cells[3], cells[4]);
        list.add(statement);
        if (statements.put(statement.id, statement) != null) {
          throw new IllegalStateException(standard.file + ": twice " + statement.id);
        }
      }
      standards.put(standard.title, list);
    }
    for (String line : lines("waivers.tsv")) {
      String[] cells = line.split("\t", 2);
      waivers.put(cells[0], cells[1]);
    }
    missing.addAll(lines("missing.txt"));
    findTests();
    findMarks();
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    for (Path p = here; p != null; p = p.getParent()) {
      if (Files.exists(p.resolve("mvnw"))) {
        return p;
      }
    }
    throw new IllegalStateException("no mvnw in " + here + " or above: where is the repository?");
  }

  private static List<String> lines(String file) {
    try (InputStream in = Ledger.class.getResourceAsStream("/spec/" + file)) {
      if (in == null) {
        throw new IllegalStateException("no resource /spec/" + file);
      }
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void findTests() {
    try {
      Path classes =
          Path.of(Ledger.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path file : files(classes, ".class")) {
        String name = classes.relativize(file).toString().replace('/', '.');
        Class<?> type =
            Class.forName(
                name.substring(0, name.length() - ".class".length()),
                false,
                Ledger.class.getClassLoader());
        for (Method method : type.getDeclaredMethods()) {
          Conforms conforms = method.getAnnotation(Conforms.class);
          if (conforms == null) {
            continue;
          }
          String place = type.getSimpleName() + "." + method.getName();
          if (!AnnotationSupport.isAnnotated(method, Testable.class)) {
            notTests.add(place);
          }
          for (String id : conforms.value()) {
            tests.computeIfAbsent(id, _ -> new TreeSet<>()).add(place);
          }
        }
      }
    } catch (URISyntaxException | ClassNotFoundException e) {
      throw new IllegalStateException("the test classes cannot be read", e);
    }
  }

  private void findMarks() {
    for (String module : modules()) {
      Path sources = root.resolve(module).resolve("src/main/java");
      // The test kit names statements too, but obeys none.
      if (module.equals("testkit") || !Files.isDirectory(sources)) {
        continue;
      }
      for (Path file : files(sources, ".java")) {
        Matcher mark = MARK.matcher(read(file));
        String name = file.getFileName().toString().replace(".java", "");
        while (mark.find()) {
          String id = (mark.group(1) == null ? "" : "v3:") + mark.group(2);
          marks.computeIfAbsent(id, _ -> new TreeSet<>()).add(name);
        }
      }
    }
  }

  private List<String> modules() {
    List<String> modules = new ArrayList<>();
    Matcher module =
        Pattern.compile("<module>(.*?)</module>").matcher(read(root.resolve("pom.xml")));
    while (module.find()) {
      modules.add(module.group(1));
    }
    return modules;
  }

  private static List<Path> files(Path under, String suffix) {
    try (Stream<Path> all = Files.walk(under)) {
      return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ids that oblige a server and have neither a test nor a waiver.
  SortedSet<String> untested() {
    SortedSet<String> untested = new TreeSet<>();
    for (Statement statement : statements.values()) {
      if (statement.obligesServer()
          && !tests.containsKey(statement.id)
          && !waivers.containsKey(statement.id)) {
        untested.add(statement.id);
      }
    }
    return untested;
  }

  Path page() {
    return root.resolve("docs/conformance.md");
  }

  Path missingFile() {
    return root.resolve("system-tests/src/test/resources/spec/missing.txt");
  }

  String missingText(Collection<String> ids) {
    StringBuilder text = new StringBuilder();
    text.append("# Statements that oblige a server and whose tests are still to be written. ");
    text.append("This list only shrinks: the ledger refuses an id here that has a test.\n");
    ids.forEach(id -> text.append(id).append('\n'));
    return text.toString();
  }

  /// The whole of docs/conformance.md.
  String render() {
    StringBuilder page = new StringBuilder();
    page.append("# Conformance\n\n");
    page.append("Generated by `ConformanceLedgerTest` from the statement lists, the `@Conforms` ");
    page.append("annotations of tests and the marks in code; written anew by\n`");
    page.append(ConformanceLedgerTest.WRITE).append("`.\n");
    page.append("Paraphrases are ours; the standards' text prevails. ");
    page.append("\"Who\" is whom a statement obliges; clients' duties have tests ");
    page.append("where they show how the server reacts to a breach.\n\n");
    page.append("| standard | statements | oblige a server | of these tested | waived | missing |");
    page.append(" clients' duties with tests |\n|---|---|---|---|---|---|---|\n");
    SortedSet<String> untested = untested();
    standards.forEach(
        (title, list) -> {
          var servers = list.stream().filter(Statement::obligesServer).toList();
          long tested = servers.stream().filter(s -> tests.containsKey(s.id)).count();
          long waived = servers.stream().filter(s -> waivers.containsKey(s.id)).count();
          long open = servers.stream().filter(s -> untested.contains(s.id)).count();
          long clients =
              list.stream().filter(s -> !s.obligesServer() && tests.containsKey(s.id)).count();
          page.append(
              "| %s | %d | %d | %d | %d | %d | %d of %d |%n"
                  .formatted(
                      title,
                      list.size(),
                      servers.size(),
                      tested,
                      waived,
                      open,
                      clients,
                      list.size() - servers.size()));
        });
    page.append("\n## Waivers\n\nNo test shows these, for the reason given.\n\n");
    page.append("| id | what it says | reason |\n|---|---|---|\n");
    waivers.forEach(
        (id, reason) -> {
          Statement statement = statements.get(id);
          String says = statement == null ? "?" : statement.paraphrase;
          page.append("| %s | %s | %s |%n".formatted(id, cell(says), cell(reason)));
        });
    standards.forEach(
        (title, list) -> {
          page.append("\n## ").append(title).append("\n\n");
          page.append("| id | who | what it says | tests | code |\n|---|---|---|---|---|\n");
          for (Statement s : list) {
            page.append(
                "| %s | %s | %s | %s | %s |%n"
                    .formatted(s.id, s.obliged, cell(s.paraphrase), tested(s, untested), code(s)));
          }
        });
    return page.toString();
  }

  private String tested(Statement statement, SortedSet<String> untested) {
    if (tests.containsKey(statement.id)) {
      return String.join("<br>", tests.getOrDefault(statement.id, new TreeSet<>()));
    }
    return waivers.containsKey(statement.id)
        ? "waived"
        : untested.contains(statement.id) ? "**missing**" : "";
  }

  private String code(Statement statement) {
    return String.join(", ", marks.getOrDefault(statement.id, new TreeSet<>()));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;");
  }
}
