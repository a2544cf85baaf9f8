package io.relais.systemtests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import io.relais.storage.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Which module may know which: the table of ARCHITECTURE.md.
class ModulesTest {
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "protocol", List.of(),
          "storage", List.of("protocol"),
          "cluster", List.of("protocol", "storage"),
          "broker", List.of("protocol", "storage", "cluster"),
          "api", List.of(),
          "admin", List.of("protocol", "storage", "cluster", "broker", "api"),
          "server", List.of("protocol", "storage", "cluster", "broker", "admin", "api"),
          "cli", List.of("protocol", "server", "api"));

  static List<String> modules() {
    return MAY_USE.keySet().stream().sorted().toList();
  }

  @Test
  void each_class_belongs_to_a_module_that_has_a_direction() {
    var found = new TreeSet<String>();

    for (JavaClass type : Product.CLASSES) {
      found.add(type.getPackageName().split("\\.", -1)[2]);
    }

    assertThat(found).as("a new module gets a line in MAY_USE").isEqualTo(Set.copyOf(modules()));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void a_module_knows_only_those_below_it(String module) {
    List<String> known = new ArrayList<>(MAY_USE.get(module));
    known.add(module);
    String[] packages =
        known.stream().map(name -> "io.relais." + name + "..").toArray(String[]::new);

    var rule =
        noClasses()
            .that()
            .resideInAPackage("io.relais." + module + "..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.relais..").and(not(resideInAnyPackage(packages))));

    rule.check(Product.CLASSES);
  }

  @Test
  void packages_form_no_cycles() {
    var rule = slices().matching("io.relais.(**)").should().beFreeOfCycles();

    rule.check(Product.CLASSES);
  }

  @Test
  void only_the_cluster_module_knows_the_state() {
    String store = State.class.getName();

    var rule =
        noClasses()
            .that()
            .resideOutsideOfPackages("io.relais.storage..", "io.relais.cluster..")
            .should()
            .dependOnClassesThat(name(store));

    rule.because("the broker changes and reads the state through Door and Lane")
        .check(Product.CLASSES);
  }

  @Test
  void the_protocol_needs_nothing_but_the_jdk() {
    var rule =
        noClasses()
            .that()
            .resideInAPackage("io.relais.protocol..")
            .should()
            .dependOnClassesThat(
                not(
                    resideInAnyPackage(
                        "io.relais.protocol..", "java..", "org.jspecify.annotations..")));

    rule.check(Product.CLASSES);
  }

  @Test
  void the_state_and_what_orders_its_changes_know_nothing_of_sockets() {
    var rule =
        noClasses()
            .that()
            .resideInAnyPackage("io.relais.storage..", "io.relais.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "java.net..");

    rule.check(Product.CLASSES);
  }

  @Test
  void the_applier_has_no_clock_and_no_chance() {
    var rule =
        noClasses()
            .that()
            .resideInAPackage("io.relais.storage..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching(
                "java\\.time\\.(Clock|Instant)|java\\.util\\.(Random|UUID)|java\\.security\\..*"
                    + "|java\\.util\\.concurrent\\.ThreadLocalRandom");

    rule.because("the same commands at the same log times give the same state on every node")
        .check(Product.CLASSES);
  }
}
