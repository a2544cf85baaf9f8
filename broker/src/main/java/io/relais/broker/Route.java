package io.relais.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where messages on one topic go, as both trees stood at their versions. Immutable.
///
/// @param topicBytes the topic in UTF-8, to compare with what the next PUBLISH brings
/// @param byLoop for each loop the lists that match, or null
/// @param groups shared groups that match and have a connected member
/// @param queued for each group whether it has a queue, from which QoS 1 and 2 are handed out
/// @param taps within the program that listen
/// @param meters that count what is published, null: none
/// @param watches of messages on this topic
/// @param durableQosMax the highest QoS of the durable subscriptions that match, -1: none
/// @param use what the topic's name means to the broker
/// @param ackLevel of the rule that the topic falls under, null: its listener's counts
record Route(
    String topic,
    byte[] topicBytes,
    long version,
    long durableVersion,
    Subscribers[] @Nullable [] byLoop,
    SharedGroup[] groups,
    boolean[] queued,
    Tap[] taps,
    TopicMeter @Nullable [] meters,
    Watch[] watches,
    int durableQosMax,
    Use use,
    @Nullable AckLevel ackLevel) {

  /// What publishing to a topic means.
  enum Use {
    ORDINARY,
    /// `$delayed/<seconds>/<topic>`
    DELAYED,
    /// only the broker itself publishes there
    RESERVED
  }

  boolean hasTopic(byte[] array, int start, int end) {
    return Arrays.equals(topicBytes, 0, topicBytes.length, array, start, end);
  }

  boolean isEmpty() {
    return groups.length == 0 && durableQosMax < 0 && !hasLists();
  }

  /// Whether anybody would get a message of QoS 0 now.
  boolean hasListeners() {
    return groups.length > 0 || taps.length > 0 || hasLists();
  }

  private boolean hasLists() {
    for (Subscribers[] lists : byLoop) {
      if (lists != null) {
        return true;
      }
    }
    return false;
  }
}
