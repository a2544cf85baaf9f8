package io.relais.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void loss_fails_a_run_from_qos_1_on_and_duplicates_at_qos_2() {
    assertThat(Report.passes(0, 0, 5, 0, 5)).isTrue();
    assertThat(Report.passes(1, 0, 0, 0, 5)).isTrue();
    assertThat(Report.passes(1, 0, 1, 0, 0)).isFalse();
    assertThat(Report.passes(1, 0, 0, 1, 0)).isFalse();
    assertThat(Report.passes(2, 0, 0, 0, 1)).isFalse();
    assertThat(Report.passes(2, 0, 0, 0, 0)).isTrue();
  }

  @Test
  void a_connection_that_failed_fails_the_run_at_any_qos() {
    assertThat(Report.passes(0, 1, 0, 0, 0)).isFalse();
  }
}
