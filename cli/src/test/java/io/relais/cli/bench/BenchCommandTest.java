package io.relais.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchCommandTest {
  @Test
  void connections_are_as_many_as_the_process_may_open_files() {
    assertThat(BenchCommand.problemWithFiles(850, 1_000, 50)).isNull();
    assertThat(BenchCommand.problemWithFiles(851, 1_000, 50))
        .contains("851 connections", "the 850 that fit", "1000 files", "ulimit -n");
  }
}
