package io.relais.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class HostPortTest {
  @Test
  void addresses_are_printed_as_they_are_read() {
    for (String written :
        new String[] {"127.0.0.1:1883", "[::1]:0", "[fe80::1%eth0]:65535", "broker.example:1883"}) {
      assertThat(HostPort.parse(written)).hasToString(written);
    }
  }

  @Test
  void only_loopback_is_loopback() {
    for (String local :
        new String[] {
          "127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "localhost:1"
        }) {
      assertThat(HostPort.parse(local).isLoopback()).as(local).isTrue();
    }
    for (String open :
        new String[] {
          "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example:1", "[::2]:1", "[1::1]:1"
        }) {
      assertThat(HostPort.parse(open).isLoopback()).as(open).isFalse();
    }
  }

  @Test
  void what_is_no_address_says_how_to_write_one() {
    for (String wrong :
        new String[] {"", "1883", ":1883", "::1:1883", "host", "host:", "host:65536", "a b:1"}) {
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> HostPort.parse(wrong));
    }
  }
}
