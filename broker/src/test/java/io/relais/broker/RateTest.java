package io.relais.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.Client;
import io.relais.protocol.ProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateTest {
  private static final long NOW = 1_000_000;

  @Test
  void a_second_after_a_quiet_one_has_twice_the_rate_and_each_later_one_the_rate() {
    var rate = new Rate(10, 0);

    int first = 0;
    for (long now = NOW; now < NOW + 1_000; now++) {
      first += rate.take(now) ? 1 : 0;
    }
    int second = 0;
    for (long now = NOW + 1_000; now < NOW + 2_000; now++) {
      second += rate.take(now) ? 1 : 0;
    }

    assertThat(first).isBetween(19, 20);
    assertThat(second).isBetween(10, 11);
  }

  @Test
  void what_is_refused_costs_nothing() {
    var rate = new Rate(1, 0);
    assertThat(rate.take(NOW)).isTrue();

    for (int i = 0; i < 1_000; i++) {
      assertThat(rate.take(NOW + 500)).isFalse();
    }

    assertThat(rate.take(NOW + 1_000)).isTrue();
  }

  @Test
  void what_is_charged_beyond_the_rate_is_owed_in_time() {
    var rate = new Rate(1_000, 0);

    assertThat(rate.charge(1_000, 0, NOW)).isZero();
    assertThat(rate.charge(5_000, 0, NOW)).isEqualTo(TimeUnit.SECONDS.toNanos(5));

    assertThat(rate.owedNanos(NOW + 4_000)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertThat(rate.owedNanos(NOW + 5_000)).isZero();
    assertThat(rate.isQuiet(NOW + 5_000)).isFalse();
    assertThat(rate.isQuiet(NOW + 6_000)).isTrue();
  }

  @Test
  void loops_that_share_a_rate_get_no_more_than_it_together() throws InterruptedException {
    int loops = 4;
    var rate = new Rate(100_000, loops);
    var taken = new AtomicLong();
    var done = new CountDownLatch(loops);
    for (int i = 0; i < loops; i++) {
      int loop = i;
      Thread.ofPlatform()
          .start(
              () -> {
                long mine = 0;
                while (rate.charge(1, loop, NOW) == 0) {
                  mine++;
                }
                taken.addAndGet(mine);
                done.countDown();
              });
    }

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.get()).isBetween(100_000L - loops * 101L, 100_000L);
  }

  @Test
  void an_allowance_is_forgotten_when_nobody_uses_it_and_it_is_as_good_as_new() {
    var all = new Allowances(new RateLimits(5, 1, 0, 0), 1, 100);
    Allowance used = requireNonNull(all.use("a", NOW));
    assertThat(all.mayConnect("b", NOW)).isTrue();

    all.use("c", NOW + 2_000);
    assertThat(all.size()).isEqualTo(2);
    all.release("a", used, NOW + 2_000);
    all.use("d", NOW + 4_000);

    assertThat(all.size()).isEqualTo(2);
    assertThat(all.use("c", NOW + 4_000)).isNotNull();
  }

  @Test
  void one_that_still_owes_is_kept_for_who_comes_back() {
    var all = new Allowances(new RateLimits(0, 1, 0, 0), 1, 100);
    Allowance used = requireNonNull(all.use("a", NOW));
    requireNonNull(used.messages).charge(60, 0, NOW);
    all.release("a", used, NOW);

    all.use("b", NOW + 30_000);

    assertThat(all.use("a", NOW + 30_000)).isSameAs(used);
  }

  @Test
  void names_above_the_limit_share_one_allowance() {
    var all = new Allowances(new RateLimits(1, 0, 0, 0), 1, 10);
    for (int i = 0; i < 10; i++) {
      assertThat(all.mayConnect("name" + i, NOW)).isTrue();
    }

    assertThat(all.mayConnect("x", NOW)).isTrue();
    assertThat(all.mayConnect("y", NOW)).isFalse();
    assertThat(all.size()).isEqualTo(10);
  }

  @Test
  void an_address_that_is_refused_takes_nothing_of_what_is_for_its_listener() throws Exception {
    var one = new RateLimits(1, 0, 0, 0);
    var rates =
        new Rates(
            new RateSettings(RateLimits.OFF, RateLimits.OFF, one, new RateLimits(2, 0, 0, 0)),
            1,
            100);
    Client flooding = client("2001:db8::1");

    assertThat(rates.exceededBeforeLogin(flooding, NOW)).isNull();
    for (int i = 0; i < 10; i++) {
      assertThat(rates.exceededBeforeLogin(client("2001:db8::ffff:" + i), NOW))
          .isEqualTo("address");
    }

    assertThat(rates.exceededBeforeLogin(client("192.0.2.1"), NOW)).isNull();
    assertThat(rates.exceededBeforeLogin(client("192.0.2.2"), NOW)).isEqualTo("listener");
  }

  private static Client client(String address) throws Exception {
    return new Client(
        "c",
        null,
        ProtocolVersion.MQTT_5,
        new InetSocketAddress(InetAddress.getByName(address), 1),
        null,
        "tcp",
        true);
  }
}
