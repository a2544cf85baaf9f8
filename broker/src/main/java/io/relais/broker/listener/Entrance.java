package io.relais.broker.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands in the listening socket's pipeline: counts accepted sockets, refuses those above the
/// limits, and rests when the system cannot accept. Refused ones get a clean end, see [Farewell];
/// beyond [#FAREWELLS_MAX] at a time they are closed at once.
///
/// Owner: the acceptor's loop; the counts of open connections are taken down by all loops.
final class Entrance extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

  /// On a socket that is to get a [Farewell] and nothing else.
  static final AttributeKey<Boolean> REFUSED = AttributeKey.valueOf(Entrance.class, "refused");

  static final long PAUSE_MILLIS = 500;
  private static final int FAREWELLS_MAX = 256;
  private static final long BETWEEN_LOGS_NANOS = TimeUnit.MINUTES.toNanos(1);

  /// What it goes by. The bucket is the acceptor's.
  private record Terms(ListenerSettings settings, @Nullable TokenBucket rate) {}

  private volatile Terms terms;
  private final ListenerCounters counters;
  private final LongSupplier nanoTime;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger farewells = new AtomicInteger();
  private boolean pausing;
  private boolean everLogged;
  private long loggedNanos;

  Entrance(ListenerSettings settings, ListenerCounters counters, LongSupplier nanoTime) {
    this.counters = counters;
    this.nanoTime = nanoTime;
    this.terms = terms(settings);
  }

  private Terms terms(ListenerSettings settings) {
    int perSecond = settings.connectionsPerSecond();
    return new Terms(settings, perSecond == 0 ? null : new TokenBucket(perSecond, nanoTime));
  }

  /// For sockets that are accepted from now on; any thread.
  void change(ListenerSettings settings) {
    terms = terms(settings);
  }

  int open() {
    return open.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Channel accepted = (Channel) message;
    counters.countAccepted();
    Terms now = terms;
    TokenBucket rate = now.rate;
    if (rate != null && !rate.take()) {
      refuse(ctx, accepted, Refusal.RATE);
    } else if (open.get() >= now.settings.maximumConnections()) {
      refuse(ctx, accepted, Refusal.LIMIT);
    } else {
      open.incrementAndGet();
      accepted.closeFuture().addListener(_ -> open.decrementAndGet());
      ctx.fireChannelRead(accepted);
    }
  }

  private void refuse(ChannelHandlerContext ctx, Channel accepted, Refusal refusal) {
    counters.count(refusal);
    LOG.debug(
        "listener {}: {} refused: {}", terms.settings.name(), accepted.remoteAddress(), refusal);
    if (farewells.get() >= FAREWELLS_MAX) {
      accepted.unsafe().closeForcibly();
      return;
    }
    farewells.incrementAndGet();
    accepted.closeFuture().addListener(_ -> farewells.decrementAndGet());
    accepted.attr(REFUSED).set(true);
    ctx.fireChannelRead(accepted);
  }

  /// What cannot be accepted stays in the kernel's queue and would be tried again at once.
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    counters.count(Refusal.ACCEPT);
    long now = nanoTime.getAsLong();
    if (!everLogged || now - loggedNanos >= BETWEEN_LOGS_NANOS) {
      everLogged = true;
      loggedNanos = now;
      String message = String.valueOf(cause.getMessage());
      if (message.contains("Too many open files")) {
        LOG.error(
            "listener {}: connections wait, since file descriptors ran out ({} are open here); raise"
                + " the limit with `ulimit -n` or LimitNOFILE of the service",
            terms.settings.name(),
            open.get());
      } else {
        LOG.error("listener {}: connections cannot be accepted: {}", terms.settings.name(), cause);
      }
    }
    ChannelConfig config = ctx.channel().config();
    config.setAutoRead(false);
    if (!pausing) {
      pausing = true;
      var _ =
          ctx.executor()
              .schedule(
                  () -> {
                    pausing = false;
                    config.setAutoRead(true);
                  },
                  PAUSE_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }
}
