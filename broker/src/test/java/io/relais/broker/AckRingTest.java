package io.relais.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.Packet;
import io.relais.protocol.Properties;
import io.relais.protocol.ReasonCode;
import org.junit.jupiter.api.Test;

class AckRingTest {
  private final AckRing ring = new AckRing();

  @Test
  void an_ack_that_waits_holds_back_those_behind_it() {
    long first = ring.reserve();
    long second = ring.reserve();

    ring.complete(second, puback(2));
    assertThat(ring.poll()).isNull();
    ring.complete(first, puback(1));

    assertThat(ring.poll()).isEqualTo(puback(1));
    assertThat(ring.poll()).isEqualTo(puback(2));
    assertThat(ring.poll()).isNull();
    assertThat(ring.isEmpty()).isTrue();
  }

  @Test
  void order_holds_while_it_grows_and_wraps() {
    int sent = 0;
    for (int round = 0; round < 50; round++) {
      long[] tickets = new long[round];
      for (int i = 0; i < round; i++) {
        tickets[i] = ring.reserve();
      }
      for (int i = round - 1; i >= 0; i--) {
        ring.complete(tickets[i], puback(1 + sent + i));
      }
      for (int i = 0; i < round; i++) {
        assertThat(ring.poll()).isEqualTo(puback(1 + sent + i));
      }
      sent += round;
    }
  }

  private static Packet puback(int id) {
    return new Packet.Puback(id, ReasonCode.SUCCESS, Properties.NONE);
  }
}
