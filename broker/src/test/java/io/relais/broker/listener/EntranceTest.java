package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.embedded.EmbeddedChannel;
import io.relais.broker.listener.Trial.Options;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class EntranceTest {
  private final AtomicLong clock = new AtomicLong();

  @Test
  void without_descriptors_accepting_rests_and_the_log_says_once_a_minute_what_to_do() {
    ListenerCounters counters = new ListenerCounters();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Entrance.class);
    log.start();
    logger.addAppender(log);
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new Entrance(Options.of(Transport.TCP).settings(), counters, clock::get));
    IOException failure = new IOException("accept(..) failed: Too many open files");

    for (int i = 0; i < 5; i++) {
      channel.pipeline().fireExceptionCaught(failure);
    }
    assertThat(channel.config().isAutoRead()).isFalse();
    channel.advanceTimeBy(Entrance.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.config().isAutoRead()).isTrue();
    clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
    channel.pipeline().fireExceptionCaught(failure);

    logger.detachAppender(log);
    channel.checkException();
    assertThat(counters.get(Refusal.ACCEPT)).isEqualTo(6);
    assertThat(log.list)
        .hasSize(2)
        .allSatisfy(event -> assertThat(event.getFormattedMessage()).contains("ulimit -n"));
  }

  @Test
  void a_token_bucket_gives_a_second_of_tokens_at_once_and_then_the_rate() {
    TokenBucket bucket = new TokenBucket(10, clock::get);

    assertThat(taken(bucket, 100)).isEqualTo(10);
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
    assertThat(taken(bucket, 100)).isEqualTo(2);
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
    assertThat(taken(bucket, 100)).isEqualTo(1);
    clock.addAndGet(TimeUnit.DAYS.toNanos(1));
    assertThat(taken(bucket, 100)).isEqualTo(10);
  }

  private static int taken(TokenBucket bucket, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += bucket.take() ? 1 : 0;
    }
    return taken;
  }
}
