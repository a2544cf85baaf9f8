package io.relais.systemtests.model;

import io.relais.protocol.ProtocolVersion;
import io.relais.systemtests.model.SessionModel.Message;
import io.relais.testkit.BrokerUnderTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/// Random histories of a few clients on the broker, each session held against [SessionModel].
///
/// `-Drelais.seed=N` replays the history that a failure names; `-Drelais.histories=N` runs that
/// many, whatever time it takes.
class SessionModelTest {
  private static final Duration TIME_MAX = Duration.ofSeconds(40);
  private static final int HISTORIES = 300;
  private static final int STEPS = 60;
  private static final int ADRIFT_MAX = 8;
  private static final List<String> TOPICS = List.of("a", "b", "c/1", "c/2");
  private static final List<String> FILTERS = List.of("a", "b", "c/#");

  @Test
  void every_session_equals_its_model_over_random_histories() {
    Long replayed = Long.getLong("relais.seed");
    Integer asked = Integer.getInteger("relais.histories");
    long first = replayed != null ? replayed : System.nanoTime();
    long end = System.nanoTime() + TIME_MAX.toNanos();
    int count = replayed != null ? 1 : asked != null ? asked : HISTORIES;

    try (BrokerUnderTest broker = BrokerUnderTest.start()) {
      for (int i = 0; i < count && (asked != null || System.nanoTime() < end); i++) {
        new History(first + i, broker).run();
      }
    }
  }

  /// One history; its seed decides all of it but the timing.
  private static final class History {
    private final long seed;
    private final Random random;
    private final String root;
    private final List<Participant> participants = new ArrayList<>();

    /// The last messages. The broker may come upon one that was cut off, or hand one over from loop
    /// to loop, after somebody else's later SUBSCRIBE: the standard orders nothing between clients.
    private final List<Message> adrift = new ArrayList<>();

    private final List<String> steps = new ArrayList<>();

    History(long seed, BrokerUnderTest broker) {
      this.seed = seed;
      this.random = new Random(seed);
      this.root = "m" + Long.toString(seed & 0xFFFFFFFFFL, 36) + "x" + (System.nanoTime() & 0xFFFF);
      int count = 3 + random.nextInt(2);
      for (int i = 0; i < count; i++) {
        ProtocolVersion version =
            ProtocolVersion.values()[random.nextInt(ProtocolVersion.values().length)];
        participants.add(new Participant(root + "p" + i, version, broker, random));
      }
    }

    void run() {
      try {
        for (int i = 0; i < STEPS; i++) {
          step();
        }
        finish();
      } catch (AssertionError | ConditionTimeoutException e) {
        StringBuilder told = new StringBuilder();
        for (Participant participant : participants) {
          told.append(participant.conversation()).append("\n\n");
        }
        throw new AssertionError(
            "%s%nreplay it with -Drelais.seed=%d; its steps:%n%s%nthe conversations:%n%s"
                .formatted(e.getMessage(), seed, String.join("\n", steps), told),
            e);
      } finally {
        participants.forEach(Participant::close);
      }
    }

    private void step() {
      int index = random.nextInt(participants.size());
      Participant one = participants.get(index);
      if (!one.isConnected()) {
        connect(index);
        return;
      }
      String topic = root + "/" + TOPICS.get(random.nextInt(TOPICS.size()));
      String filter = root + "/" + FILTERS.get(random.nextInt(FILTERS.size()));
      int qos = random.nextInt(3);
      int choice = random.nextInt(20);
      if (choice < 9) {
        note(index, "publishes q" + qos + " to " + topic);
        Message message = one.next(topic, qos);
        published(message, true);
        one.publish(message);
      } else if (choice < 12) {
        note(index, "subscribes to " + filter + " q" + qos);
        one.subscribe(filter, qos, adrift);
      } else if (choice < 13) {
        note(index, "unsubscribes from " + filter);
        one.unsubscribe(filter);
      } else if (choice < 16) {
        note(index, "takes in what came");
        one.pump();
      } else if (choice < 17) {
        note(index, "publishes q1 or q2 to " + topic + " and is cut off");
        Message message = one.next(topic, 1 + random.nextInt(2));
        published(message, false);
        one.publishAndLose(message);
      } else if (choice < 18) {
        connect(index);
      } else {
        boolean orderly = random.nextBoolean();
        note(index, orderly ? "disconnects" : "is cut off");
        one.end(orderly);
      }
    }

    private void connect(int index) {
      boolean lasting = random.nextInt(4) > 0;
      boolean clean = !lasting || random.nextInt(6) == 0;
      connect(index, clean, lasting);
    }

    private void connect(int index, boolean clean, boolean lasting) {
      Participant one = participants.get(index);
      note(index, "connects" + (clean ? ", clean" : "") + (lasting ? ", lasting" : ""));
      Message again = one.connect(clean, lasting);
      if (again != null) {
        note(index, "sends again " + again);
        for (Participant other : participants) {
          SessionModel session = other.session();
          if (session != null) {
            session.publishedAgain(again, other.isConnected());
          }
        }
        one.resend();
      }
    }

    private void published(Message message, boolean sure) {
      if (adrift.size() == ADRIFT_MAX) {
        adrift.removeFirst();
      }
      adrift.addLast(message);
      for (Participant other : participants) {
        SessionModel session = other.session();
        if (session != null) {
          session.published(message, sure, other.isConnected());
        }
      }
    }

    /// Everybody comes back, acks everything and gets what is missing; then a last message of each
    /// shows that nothing else was on its way.
    private void finish() {
      for (int i = 0; i < participants.size(); i++) {
        Participant one = participants.get(i);
        one.ackAll();
        connect(i, false, true);
      }
      settle();
      for (int i = 0; i < participants.size(); i++) {
        note(i, "subscribes to the end");
        participants.get(i).subscribe(root + "/end", 2, adrift);
      }
      for (int i = 0; i < participants.size(); i++) {
        note(i, "publishes the end");
        Message message = participants.get(i).next(root + "/end", 2);
        published(message, true);
        participants.get(i).publish(message);
      }
      settle();
      for (Participant one : participants) {
        one.end(true);
        one.connect(true, false);
      }
    }

    private void settle() {
      Awaitility.await("all that must arrive")
          .atMost(Duration.ofSeconds(10))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(2))
          .pollInSameThread()
          .untilAsserted(
              () -> {
                for (Participant one : participants) {
                  one.pump();
                  SessionModel session = one.session();
                  if (session != null && !session.missing().isEmpty()) {
                    throw new AssertionError("missing: " + session.missing());
                  }
                }
              });
    }

    private void note(int index, String what) {
      steps.add(steps.size() + ". " + index + " " + what);
    }
  }
}
