package io.relais.broker;

import io.relais.protocol.SubscriptionFilter;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The connected members of one `$share` group on one filter. Each message goes to one of them,
/// chosen by the publishing loop, or by the group's [Dispatcher] if it has a queue.
///
/// Owner: members change under the lock of [SubscriptionTree]; any loop reads and chooses.
final class SharedGroup {
  private static final Subscriber[] NONE = {};

  final SubscriptionFilter filter;
  private final SharedPolicy policy;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile Subscriber[] members = NONE;
  private volatile @Nullable Subscriber favourite;

  SharedGroup(SubscriptionFilter filter, SharedPolicy policy) {
    this.filter = filter;
    this.policy = policy;
  }

  /// Members whose sessions end with their connections.
  int transientMembers() {
    int count = 0;
    for (Subscriber member : members) {
      count += member.session.isPersistent() ? 0 : 1;
    }
    return count;
  }

  boolean isEmpty() {
    return members.length == 0;
  }

  void join(Subscriber member) {
    Subscriber[] now = members;
    Subscriber[] more = Arrays.copyOf(now, now.length + 1);
    more[now.length] = member;
    members = more;
  }

  void leave(Subscriber member) {
    members = Arrays.stream(members).filter(other -> other != member).toArray(Subscriber[]::new);
    if (favourite == member) {
      favourite = null;
    }
  }

  /// Whether the choice follows from the message, so that messages that belong together stay in
  /// order.
  boolean choosesByMessage() {
    return policy == SharedPolicy.HASH_CLIENT || policy == SharedPolicy.HASH_TOPIC;
  }

  /// @return null if nobody is there
  @Nullable Subscriber choose(@Nullable String publisher, String topic) {
    Subscriber[] now = members;
    return now.length == 0 ? null : choose(now, publisher, topic);
  }

  /// One of those that can take a message now. Where the choice follows from the message it is that
  /// one or none.
  ///
  /// @return null if nobody can
  @Nullable Subscriber choose(
      @Nullable String publisher, String topic, Predicate<Subscriber> canTake) {
    Subscriber[] now = members;
    if (now.length == 0) {
      return null;
    }
    Subscriber first = choose(now, publisher, topic);
    if (canTake.test(first)) {
      return first;
    }
    if (choosesByMessage()) {
      return null;
    }
    int from = Arrays.asList(now).indexOf(first);
    for (int i = 1; i < now.length; i++) {
      Subscriber other = now[(from + i) % now.length];
      if (canTake.test(other)) {
        return other;
      }
    }
    return null;
  }

  private Subscriber choose(Subscriber[] now, @Nullable String publisher, String topic) {
    return switch (policy) {
      case ROUND_ROBIN -> now[Math.floorMod(turn.getAndIncrement(), now.length)];
      case RANDOM -> now[ThreadLocalRandom.current().nextInt(now.length)];
      case STICKY -> {
        Subscriber chosen = favourite;
        if (chosen == null || !Arrays.asList(now).contains(chosen)) {
          chosen = now[ThreadLocalRandom.current().nextInt(now.length)];
          favourite = chosen;
        }
        yield chosen;
      }
      case HASH_CLIENT -> now[spread(publisher == null ? 0 : publisher.hashCode(), now.length)];
      case HASH_TOPIC -> now[spread(topic.hashCode(), now.length)];
      case LEAST_IN_FLIGHT -> {
        int first = Math.floorMod(turn.getAndIncrement(), now.length); // ties go round
        Subscriber least = now[first];
        for (int i = 1; i < now.length; i++) {
          Subscriber other = now[(first + i) % now.length];
          if (load(other) < load(least)) {
            least = other;
          }
        }
        yield least;
      }
    };
  }

  /// What it has to do, with what a dispatcher gave it in this turn.
  private static int load(Subscriber member) {
    return member.session.outbound().load() + member.onTheWay;
  }

  private static int spread(int hash, int length) {
    int mixed = hash * 0x9E3779B9;
    return Math.floorMod(mixed ^ mixed >>> 16, length);
  }
}
