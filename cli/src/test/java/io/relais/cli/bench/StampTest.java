package io.relais.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StampTest {
  @Test
  void what_is_written_is_read() {
    byte[] payload = new byte[3 + Stamp.BYTES];

    Stamp.write(payload, 3, 70_000, 0x1234_5678_9ABC_DEF0L, 1_800_000_000_123_456_789L, -7);

    assertThat(Stamp.publisher(payload, 3)).isEqualTo(70_000);
    assertThat(Stamp.sequence(payload, 3)).isEqualTo(0x1234_5678_9ABC_DEF0L);
    assertThat(Stamp.dueNanos(payload, 3)).isEqualTo(1_800_000_000_123_456_789L);
    assertThat(Stamp.run(payload, 3)).isEqualTo(-7);
  }
}
