package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class UnitsTest {
  @Test
  void sizes_and_durations_are_printed_as_they_are_read() {
    for (String size : new String[] {"0", "1023", "256KiB", "1MiB", "2GiB", "1TiB"}) {
      assertThat(Units.size(Units.parseSize(size))).isEqualTo(size);
    }
    for (String duration : new String[] {"0s", "500ms", "10s", "90s", "5m", "2h", "30d"}) {
      assertThat(Units.duration(Units.parseDuration(duration))).isEqualTo(duration);
    }
    assertThat(Units.parseDuration("7")).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void what_is_neither_size_nor_duration_is_refused_with_an_example() {
    for (String wrong :
        new String[] {
          "", "-1", "1MB", "1.5MiB", "MiB", "99999999999999999999", "9999999999999999GiB"
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Units.parseSize(wrong))
          .withMessageStartingWith("is '");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Units.parseDuration("5 weeks"))
        .withMessage("is '5 weeks'; write a duration like 500ms, 10s, 5m, 2h or 30d");
  }
}
