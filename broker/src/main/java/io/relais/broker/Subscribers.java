package io.relais.broker;

import java.util.Arrays;

/// The subscribers of one filter on one loop.
///
/// Owner: the loop. Others pass it along in routes and never look inside.
final class Subscribers {
  private static final Subscriber[] NONE = {};

  private Subscriber[] members = NONE;
  private int size;

  int size() {
    return size;
  }

  Subscriber get(int index) {
    return members[index];
  }

  void add(Subscriber subscriber) {
    if (size == members.length) {
      members = Arrays.copyOf(members, Math.max(2, size + (size >> 1)));
    }
    subscriber.index = size;
    members[size++] = subscriber;
  }

  /// The last one takes its place: order among subscribers means nothing.
  void remove(Subscriber subscriber) {
    Subscriber last = members[--size];
    members[subscriber.index] = last;
    last.index = subscriber.index;
    members = size < members.length / 4 ? Arrays.copyOf(members, size * 2) : members;
    if (size < members.length) {
      clearLast();
    }
  }

  @SuppressWarnings("NullAway") // slots beyond the size hold nothing
  private void clearLast() {
    members[size] = null;
  }
}
