package io.relais.broker;

import java.util.Locale;

/// What a loop counts. Names as in metrics and `$SYS`.
public enum Counter {
  BYTES_RECEIVED,
  BYTES_SENT,
  PACKETS_RECEIVED,
  PACKETS_SENT,
  PUBLISH_RECEIVED,
  PUBLISH_SENT,
  PUBLISH_BYTES_RECEIVED,
  PUBLISH_BYTES_SENT,
  CONNECTIONS_OPENED,
  CONNECTIONS_ACCEPTED,
  CONNECTIONS_CLOSED,
  SESSIONS_CLOSED,
  SESSIONS_TAKEN_OVER,
  SESSIONS_EXPIRED,
  SUBSCRIPTIONS_MADE,
  SUBSCRIPTIONS_ENDED,
  SHARED_SUBSCRIPTIONS_MADE,
  SHARED_SUBSCRIPTIONS_ENDED,
  REFUSED_CONNECTS,
  BANNED_CONNECTS,
  MALFORMED_PACKETS,
  KEEP_ALIVE_TIMEOUTS,
  RATE_LIMITED_CONNECTS,
  RATE_LIMITED_SUBSCRIBES,
  RATE_LIMITED_READS,
  PUBLISH_REFUSED,
  PUBLISH_UNMATCHED,
  DROPPED_QUEUE_FULL,
  DROPPED_STORE_FULL,
  DROPPED_DISK_FULL,
  DROPPED_EXPIRED,
  DROPPED_TOO_LARGE,
  DROPPED_SLOW_CONSUMER,
  DROPPED_NOT_AUTHORIZED,
  DROPPED_NO_MEMBER,
  DROPPED_SESSION_ENDED,
  DROPPED_EVENTS;

  static final Counter[] ALL = values();

  static Counter of(io.relais.storage.DropReason reason) {
    return switch (reason) {
      case QUEUE_FULL -> DROPPED_QUEUE_FULL;
      case STORE_FULL -> DROPPED_STORE_FULL;
      case DISK_FULL -> DROPPED_DISK_FULL;
      case EXPIRED -> DROPPED_EXPIRED;
      case TOO_LARGE -> DROPPED_TOO_LARGE;
      case SLOW_CONSUMER -> DROPPED_SLOW_CONSUMER;
      case NOT_AUTHORIZED -> DROPPED_NOT_AUTHORIZED;
      case NO_MEMBER -> DROPPED_NO_MEMBER;
      case SESSION_ENDED -> DROPPED_SESSION_ENDED;
    };
  }

  /// Whether it is a reason for which messages are dropped.
  public static boolean isDrop(Counter counter) {
    return counter.ordinal() >= DROPPED_QUEUE_FULL.ordinal();
  }

  /// The reason of a drop, as metrics and the API call it: `queue-full`.
  public String reason() {
    return name().substring("DROPPED_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
