package io.relais.systemtests.clients;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// What a client received and the test has not looked at yet.
///
/// Owner: the client's threads add, the test's thread takes. Bounded at 100,000 messages, beyond
/// which adding fails.
final class Arrivals {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final BlockingQueue<Message> waiting = new LinkedBlockingQueue<>(100_000);

  void add(Message message) {
    waiting.add(message);
  }

  /// The next message, within 15 s.
  Message next() {
    try {
      Message message = waiting.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (message == null) {
        throw new AssertionError("no message arrived within " + PATIENCE);
      }
      return message;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while a message was waited for", e);
    }
  }

  List<Message> next(int count) {
    List<Message> messages = new ArrayList<>();
    while (messages.size() < count) {
      try {
        messages.add(next());
      } catch (AssertionError e) {
        throw new AssertionError(
            "only %d of %d messages arrived: %s"
                .formatted(
                    messages.size(), count, messages.subList(0, Math.min(3, messages.size()))),
            e);
      }
    }
    return messages;
  }

  /// What arrived already, without waiting.
  List<Message> drain() {
    List<Message> messages = new ArrayList<>();
    waiting.drainTo(messages);
    return messages;
  }
}
