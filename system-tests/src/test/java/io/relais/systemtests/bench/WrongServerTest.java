package io.relais.systemtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a server does wrong, the report says, to the message.
class WrongServerTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 1"})
  void what_is_dropped_doubled_and_disordered_is_reported(int qos, int code) throws IOException {
    try (UnreliableServer server = new UnreliableServer()) {
      Benched ran =
          Benched.run(
              server.address(),
              ("fan-out --subscribers 3 --rate 100 --duration 1s -q " + qos).split(" ", -1));

      // Ten times in a hundred messages, for each of the three.
      ran.endsWith(code).has("sent", 100).has("expected", 300).has("received", 270);
      ran.has("lost", 30).has("duplicates", 30).has("reordered", 30).has("foreign", 0);
    }
  }

  @Test
  void what_comes_to_the_wrong_subscriber_is_foreign() throws IOException {
    try (UnreliableServer server = new UnreliableServer()) {
      Benched ran =
          Benched.run(
              server.address(), "p2p --clients 2 --rate 40 --duration 1s -q 1".split(" ", -1));

      ran.endsWith(1).has("sent", 40).has("expected", 40);
      assertThat(ran.field("foreign").longValue()).isEqualTo(40);
      assertThat(ran.field("lost").longValue() + ran.field("received").longValue()).isEqualTo(40);
    }
  }
}
