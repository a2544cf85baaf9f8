package io.relais.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  @Test
  void the_version_is_one_line() {
    Ran ran = Ran.relais("--version");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).matches("relais \\d+\\.\\d+\\.\\d+\\S* \\(java 25[.\\d]*\\)\\R");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start",
        "config",
        "passwd",
        "certs",
        "store",
        "pub",
        "sub",
        "rr",
        "bench",
        "completion"
      })
  void every_command_is_listed_and_has_help(String command) {
    assertThat(Ran.relais("--help").out()).contains("\n  " + command + " ");

    Ran ran = Ran.relais(command, "--help");

    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("Usage: relais " + command);
  }

  @Test
  void what_is_no_command_is_wrong_usage() {
    assertThat(Ran.relais("strat").code()).isEqualTo(2);
    assertThat(Ran.relais().code()).isEqualTo(2);
    assertThat(Ran.relais("config").code()).isEqualTo(2);
  }

  @Test
  void the_completion_script_knows_the_commands() {
    assertThat(Ran.relais("completion").out())
        .contains("_complete_relais")
        .contains("passwd")
        .contains("--listen");
  }

  @Test
  void config_check_says_ok_or_everything_that_is_wrong() throws IOException {
    Path file =
        Files.writeString(folder.resolve("relais.yaml"), "stor: disk\nlog: {level: loud}\n");

    Ran wrong = Ran.relais("config", "check", "-c", file.toString());

    assertThat(Ran.relais("config", "check"))
        .isEqualTo(new Ran(0, "OK" + System.lineSeparator(), ""));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .contains(file + ":1:1: stor is not a key; did you mean store?")
        .contains(file + ":2:14: log.level is 'loud'")
        .contains("2 problems");
  }

  @Test
  void config_show_prints_each_value_with_its_origin_and_the_limits_of_the_jvm() {
    Ran ran = Ran.relais("config", "show", "--set", "limits.queue-messages=7");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .containsPattern("limits\\.queue-messages += 7 +# --set limits\\.queue-messages")
        .containsPattern("store += disk +# default")
        .containsPattern("listeners\\.1\\.path += /mqtt +# default")
        .containsPattern("JVM heap += \\d+MiB")
        .containsPattern("JVM direct memory += ");
  }

  @Test
  void a_start_with_a_wrong_configuration_ends_with_2() {
    Ran ran = Ran.relais("start", "--set", "cluster.bind=127.0.0.1:7883");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("cluster is not in this version of Relais");
  }
}
