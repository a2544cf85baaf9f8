package io.relais.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Holds the statements of the standards, the tests and the marks in code together.
class ConformanceLedgerTest {
  static final String WRITE =
      "./mvnw -pl system-tests -am test -Dtest=ConformanceLedgerTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Drelais.write=true";

  private static Ledger ledger;

  @BeforeAll
  static void write() throws IOException {
    ledger = new Ledger();
    if (Boolean.getBoolean("relais.write")) {
      SortedSet<String> left = new TreeSet<>(ledger.missing);
      left.retainAll(ledger.untested());
      Files.writeString(ledger.missingFile(), ledger.missingText(left));
      Files.writeString(ledger.page(), ledger.render());
      ledger.missing.retainAll(left);
    }
  }

  @Test
  void every_mark_and_every_annotation_names_a_statement() {
    List<String> unknown = new ArrayList<>();
    ledger.tests.forEach(
        (id, places) -> {
          if (!ledger.statements.containsKey(id)) {
            unknown.add(id + " in " + places);
          }
        });
    ledger.marks.forEach(
        (id, places) -> {
          if (!ledger.statements.containsKey(id)) {
            unknown.add(id + " in " + places);
          }
        });

    assertThat(unknown)
        .as("ids that no list under system-tests/src/test/resources/spec has (3.1.1 needs v3:)")
        .isEmpty();
  }

  @Test
  void every_annotation_stands_on_a_test() {
    assertThat(ledger.notTests).as("methods with @Conforms that JUnit does not run").isEmpty();
  }

  @Test
  void every_statement_that_obliges_a_server_has_a_test_or_a_waiver() {
    SortedSet<String> untested = ledger.untested();
    untested.removeAll(ledger.missing);

    assertThat(untested)
        .as("statements with neither a @Conforms test nor a line in waivers.tsv")
        .isEmpty();
  }

  @Test
  void what_is_listed_as_missing_is_missing() {
    SortedSet<String> stale = new TreeSet<>(ledger.missing);
    stale.removeAll(ledger.untested());

    assertThat(stale).as("these have a test now: take them out by\n" + WRITE).isEmpty();
  }

  @Test
  void waivers_stand_only_where_no_test_can_show_the_statement() {
    List<String> wrong = new ArrayList<>();
    ledger.waivers.forEach(
        (id, reason) -> {
          Ledger.Statement statement = ledger.statements.get(id);
          if (statement == null) {
            wrong.add(id + " is no statement");
          } else if (!statement.mayBeWaived()) {
            wrong.add(id + " can be tested: " + statement.test());
          } else if (ledger.tests.containsKey(id)) {
            wrong.add(id + " has a test and needs no waiver");
          } else if (reason.isBlank()) {
            wrong.add(id + " has no reason");
          }
        });

    assertThat(wrong).isEmpty();
  }

  @Test
  void the_page_in_the_tree_is_the_one_that_the_ledger_writes() {
    String page = Files.exists(ledger.page()) ? Ledger.read(ledger.page()) : "";

    assertThat(page)
        .as(ledger.page() + " is stale; write it by\n" + WRITE)
        .isEqualTo(ledger.render());
  }
}
