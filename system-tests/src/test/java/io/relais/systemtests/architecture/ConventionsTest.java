package io.relais.systemtests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Conventions of CONTRIBUTING.md that hold for every class.
class ConventionsTest {
  @Test
  void type_names_have_no_words_that_say_nothing() {
    var rule =
        classes()
            .should()
            .haveNameNotMatching(
                "(?:.*[.$])?(?:Abstract|Base)[A-Z][^.$]*"
                    + "|.*(?:Manager|Helper|Utils?|Impl|Base|Info|Data|Processor)");

    rule.check(Product.CLASSES);
  }

  @Test
  void all_packages_are_null_marked() {
    List<String> unmarked = new ArrayList<>();

    for (JavaPackage found : packages()) {
      if (!found.getClasses().isEmpty() && !found.isAnnotatedWith(NullMarked.class)) {
        unmarked.add(found.getName());
      }
    }

    assertThat(unmarked).as("packages without @NullMarked in their package-info").isEmpty();
  }

  private static Set<JavaPackage> packages() {
    return Product.CLASSES.getPackage("io.relais").getSubpackagesInTree();
  }

  @Test
  void no_class_extends_a_class_of_another_file() {
    var rule =
        classes()
            .should(
                new ArchCondition<JavaClass>("extend no class of ours from another file") {
                  @Override
                  public void check(JavaClass type, ConditionEvents events) {
                    type.getRawSuperclass()
                        .filter(above -> above.getPackageName().startsWith("io.relais"))
                        .filter(above -> !outermost(above).equals(outermost(type)))
                        .ifPresent(
                            above ->
                                events.add(
                                    SimpleConditionEvent.violated(
                                        type, type.getName() + " extends " + above.getName())));
                  }
                });

    rule.because("behaviour is composed; a closed set is a sealed type within one file")
        .check(Product.CLASSES);
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ConventionsTest::outermost).orElse(type);
  }

  @Test
  void there_is_no_static_state_but_constants() {
    List<String> variable = new ArrayList<>();

    for (JavaClass type : Product.CLASSES) {
      for (JavaField field : type.getFields()) {
        Set<JavaModifier> modifiers = field.getModifiers();
        if (modifiers.contains(JavaModifier.STATIC)
            && !modifiers.contains(JavaModifier.FINAL)
            && !modifiers.contains(JavaModifier.SYNTHETIC)) {
          variable.add(field.getFullName());
        }
      }
    }

    assertThat(variable).isEmpty();
  }

  @Test
  void logs_go_through_slf4j() {
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(Product.CLASSES);
  }

  @Test
  void only_commands_use_the_standard_streams() {
    var rule =
        noClasses()
            .that()
            .resideOutsideOfPackage("io.relais.cli..")
            .should(ACCESS_STANDARD_STREAMS);

    rule.check(Product.CLASSES);
  }

  @Test
  void only_the_command_ends_the_process() {
    var rule =
        noClasses()
            .that()
            .resideOutsideOfPackage("io.relais.cli..")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    rule.check(Product.CLASSES);
  }
}
