package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the launcher of the repository from a copy, in which a wrapper that writes its arguments
/// stands for Maven's, and JDKs are folders with a `release` file: what is tested is what the
/// launcher finds, builds and runs, not Maven and Java.
class LauncherTest {
  private static final String JAVA =
      """
      #!/bin/sh
      case "$*" in
        *AOTCacheOutput*)
          for word in "$@"; do case $word in -XX:AOTCacheOutput=*) echo cache > "${word#*=}" ;; esac; done
          echo "Relais is ready on nothing"
          trap 'exit 0' TERM
          while :; do sleep 0.1; done ;;
      esac
      echo "java $0"
      for word in "$@"; do echo "argument $word"; done
      exit 7
      """;
  private static final String MVNW =
      """
      #!/bin/sh
      echo "built $*" >> built
      mkdir -p cli/target/lib
      touch cli/target/relais-cli-1.jar cli/target/lib/other.jar
      exit "$(cat result)"
      """;

  @TempDir Path folder;
  private Path repository = Path.of("");

  @BeforeEach
  void copyTheLauncher() throws IOException {
    repository = Files.createDirectories(folder.toRealPath().resolve("a repository"));
    Files.copy(Path.of("../relais"), repository.resolve("relais"));
    script(repository.resolve("mvnw"), MVNW);
    Files.writeString(repository.resolve("result"), "0");
    Files.createDirectories(repository.resolve(".mvn"));
    Files.writeString(repository.resolve("pom.xml"), "");
    Files.createDirectories(repository.resolve("cli/src/main"));
    Files.writeString(repository.resolve("cli/src/main/A.java"), "");
    Files.writeString(repository.resolve("cli/pom.xml"), "");
  }

  @Test
  void without_a_jdk_it_says_how_to_get_one() throws IOException, InterruptedException {
    jdk("old", "21.0.4");

    Ran ran = launch(repository, repository.resolve("relais").toString(), "--version");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .startsWith("relais: no JDK 25 found")
        .contains("https://adoptium.net")
        .hasLineCount(1);
    assertThat(repository.resolve("built")).doesNotExist();
  }

  @Test
  void it_builds_once_and_hands_over_arguments_and_exit_code()
      throws IOException, InterruptedException {
    Path jdk = jdk("new", "25.0.1");

    Ran first = launch(repository, "./relais", "pub", "-m", "two words", "*");
    Ran second = launch(repository, "./relais", "--version");

    assertThat(first.code()).isEqualTo(7);
    assertThat(first.out().lines())
        .contains(
            "java " + jdk.resolve("bin/java"), "argument -Xmx1g", "argument io.relais.cli.Main")
        .endsWith("argument pub", "argument -m", "argument two words", "argument *");
    assertThat(first.out())
        .contains("argument -XX:AOTCache=" + repository.resolve("cli/target/relais.aot"));
    assertThat(second.err()).isEmpty();
    assertThat(Files.readAllLines(repository.resolve("built"))).hasSize(1);
    assertThat(repository.resolve("target/build.lock")).doesNotExist();
  }

  @Test
  void it_works_from_another_folder_and_through_a_symbolic_link()
      throws IOException, InterruptedException {
    jdk("new", "25");
    Path elsewhere = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(elsewhere.resolve("once"), Path.of("../a repository/relais"));
    Files.createSymbolicLink(elsewhere.resolve("twice"), Path.of("once"));

    Ran ran = launch(folder, "bin/twice", "x");

    assertThat(ran.code()).isEqualTo(7);
    assertThat(ran.out()).contains(repository.resolve("cli/target/lib/other.jar").toString());
  }

  @Test
  void it_builds_again_when_a_source_is_newer() throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    launch(repository, "./relais", "x");
    Files.writeString(repository.resolve("cli/src/main/B.java"), "");
    inTheFuture(repository.resolve("cli/src/main/B.java"));

    Ran ran = launch(repository, "./relais", "x");

    assertThat(ran.err()).contains("building");
    assertThat(Files.readAllLines(repository.resolve("built"))).hasSize(2);
  }

  @Test
  void sources_of_the_dashboard_count_but_not_what_is_made_and_fetched_there()
      throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    Path dashboard = repository.resolve("dashboard");
    Files.createDirectories(dashboard.resolve("src/api"));
    Files.createDirectories(dashboard.resolve("node_modules"));
    Files.createDirectories(dashboard.resolve("target"));
    launch(repository, "./relais", "x");
    for (String made :
        List.of("src/api/types.ts", "src/api", "node_modules/one.json", "node_modules", "target")) {
      Path path = dashboard.resolve(made);
      if (!Files.exists(path)) {
        Files.writeString(path, "");
      }
      inTheFuture(path);
    }

    Ran same = launch(repository, "./relais", "x");
    for (String source : List.of("src/api/api.ts", "package-lock.json")) {
      inTheFuture(Files.writeString(dashboard.resolve(source), ""));
    }
    Ran changed = launch(repository, "./relais", "x");

    assertThat(same.err()).isEmpty();
    assertThat(changed.err()).contains("building");
    assertThat(Files.readAllLines(repository.resolve("built"))).hasSize(2);
  }

  @Test
  void options_of_the_build_reach_maven_and_others_build_again()
      throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    launch(repository, "./relais", "x");

    launch(repository, "env", "RELAIS_BUILD_OPTIONS=-Dweb.skip -Da=b", "./relais", "x");

    assertThat(Files.readAllLines(repository.resolve("built")))
        .hasSize(2)
        .last()
        .asString()
        .endsWith(" -Dweb.skip -Da=b package");
  }

  @Test
  void a_failed_build_shows_its_end_and_nothing_runs() throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    script(repository.resolve("mvnw"), "#!/bin/sh\necho BROKEN\nexit 3\n");

    Ran ran = launch(repository, "./relais", "x");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("BROKEN").contains("target/build.log");
    assertThat(repository.resolve("target/build.lock")).doesNotExist();
  }

  @Test
  void a_lock_whose_owner_is_gone_does_not_stop_a_build() throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Files.createDirectories(repository.resolve("target/build.lock"));
    Files.writeString(repository.resolve("target/build.lock/pid"), Long.toString(gone.pid()));

    assertThat(launch(repository, "./relais", "x").code()).isEqualTo(7);
  }

  @Test
  void relais_test_runs_maven_and_has_its_exit_code() throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    Files.writeString(repository.resolve("result"), "5");

    Ran ran = launch(repository, "./relais", "test", "-Dtest=ATest");

    assertThat(ran.code()).isEqualTo(5);
    assertThat(ran.out()).contains("FAILED (exit code 5)");
    assertThat(Files.readString(repository.resolve("built")))
        .isEqualTo("built -B verify -Dtest=ATest\n");
  }

  @Test
  void relais_test_chaos_passes_its_options_on() throws IOException, InterruptedException {
    jdk("new", "25.0.1");
    Files.writeString(repository.resolve("result"), "0");

    launch(repository, "./relais", "test", "--chaos", "--rounds", "500", "--seed", "7");

    assertThat(Files.readString(repository.resolve("built")))
        .contains(" -Dtest=ChaosTest ", " -Drelais.chaos.rounds=500 -Drelais.chaos.seed=7\n");
    assertThat(launch(repository, "./relais", "test", "--chaos", "--rounds", "many").err())
        .contains("--rounds wants a number");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.toRealPath().resolve("jvm").resolve(name);
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), JAVA);
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private Ran launch(Path directory, String... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)));
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", pathWithoutJava(),
                "HOME", folder.toString(),
                "RELAIS_JVM_DIRS", folder.resolve("jvm").toString()));
    Process process =
        builder
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /// The tools that the script needs, in a folder without a `java` beside them.
  private String pathWithoutJava() throws IOException {
    Path tools = folder.resolve("tools");
    if (!Files.exists(tools)) {
      Files.createDirectories(tools);
      for (String tool :
          List.of(
              "sh",
              "dirname",
              "readlink",
              "grep",
              "cat",
              "find",
              "head",
              "mkdir",
              "rm",
              "mv",
              "cp",
              "sleep",
              "env",
              "id",
              "date",
              "awk",
              "sed",
              "xargs",
              "tail",
              "touch",
              "tr")) {
        for (String place : List.of("/usr/bin", "/bin")) {
          if (Files.exists(Path.of(place, tool)) && !Files.exists(tools.resolve(tool))) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of(place, tool));
          }
        }
      }
    }
    return tools.toString();
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static void inTheFuture(Path file) throws IOException {
    Files.setLastModifiedTime(
        file, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 60_000));
  }
}
