package io.relais.systemtests.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the program consists of: the classes of its modules, without those of tests, and the source
/// tree that they came from.
///
/// Owner: immutable; imported once, since that takes most of the time of these tests.
final class Product {
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(Product::isProgram)
          .importPackages("io.relais");

  /// The module is a folder of the root, and Maven runs its tests there.
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  static {
    if (!Files.isDirectory(ROOT.resolve("broker"))) {
      throw new IllegalStateException(
          ROOT + " is not the repository; these tests run in its folder system-tests");
    }
  }

  private Product() {}

  /// Not the tools for tests and measurements, nor the test classes that modules share.
  private static boolean isProgram(Location location) {
    return !location.contains("/io/relais/testkit/")
        && !location.contains("/io/relais/systemtests/")
        && !location.contains("/io/relais/benchmarks/")
        && !location.contains("-tests.jar");
  }
}
