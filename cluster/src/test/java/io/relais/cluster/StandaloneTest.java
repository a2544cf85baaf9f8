package io.relais.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.DropReason;
import io.relais.storage.Effects;
import io.relais.storage.Message;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.StoredSubscription;
import io.relais.storage.table.HeapTables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StandaloneTest {
  /// A loop whose tasks wait until the test runs them.
  private static final class HandLoop {
    final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    void runOne() throws InterruptedException {
      Runnable task = tasks.poll(10, TimeUnit.SECONDS);
      if (task == null) {
        throw new AssertionError("no task came within 10 s");
      }
      task.run();
    }
  }

  /// Writes down what the applier did; fails like a broken disk when a message of the topic `fail`
  /// is published.
  private static final class Noted implements Effects {
    final BlockingQueue<String> notes = new LinkedBlockingQueue<>();

    @Override
    public void queued(String clientId, long epoch, QueueEntry entry) {
      notes.add("queued " + clientId + " " + entry.message().topic());
    }

    @Override
    public void dropped(String clientId, Message message, DropReason reason) {
      notes.add("dropped " + clientId);
    }

    @Override
    public void published(Message message, List<SubscriptionFilter> groups) {
      if (message.topic().equals("fail")) {
        throw new IllegalStateException("as if the disk had failed");
      }
      notes.add("published " + message.topic());
    }

    @Override
    public void offered(SubscriptionFilter filter, QueueEntry entry) {
      notes.add("offered " + filter.text());
    }

    @Override
    public void sharedQueueBegan(SubscriptionFilter filter, long queue) {
      notes.add("queue " + filter.text());
    }

    @Override
    public void sharedQueueOrphaned(SubscriptionFilter filter, long below) {
      notes.add("orphaned " + filter.text());
    }

    @Override
    public void sharedQueueEnded(SubscriptionFilter filter) {
      notes.add("no queue " + filter.text());
    }

    @Override
    public void ended(String clientId) {
      notes.add("ended " + clientId);
    }

    @Override
    public void flush() {
      notes.add("flush");
    }
  }

  private final Noted effects = new Noted();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CountDownLatch failed = new CountDownLatch(1);
  private final Standalone door =
      new Standalone(
          "n1",
          new HeapTables(),
          0,
          effects,
          List.of(),
          error -> {
            failure.set(error);
            failed.countDown();
          });
  private final HandLoop loop = new HandLoop();
  private final Lane lane = door.lane(loop.tasks::add);

  @BeforeEach
  void start() {
    door.start();
  }

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void nothing_leaves_before_the_flush_and_outcomes_come_in_order_as_one_task() throws Exception {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int n = i;
      lane.submit(retain("t/" + i), outcome -> order.add("outcome " + n));
    }
    assertThat(loop.tasks).isEmpty();

    lane.flush();
    loop.runOne();

    assertThat(order).hasSize(100).startsWith("outcome 0", "outcome 1").endsWith("outcome 99");
    assertThat(door.sizes().retainedMessages()).isEqualTo(100);
  }

  @Test
  void a_read_sees_what_was_submitted_before_it() throws Exception {
    List<String> topics = new ArrayList<>();

    lane.submit(retain("a/1"), outcome -> {});
    lane.submit(retain("a/2"), outcome -> {});
    lane.readRetained("a/+", null, 10, page -> page.messages().forEach(m -> topics.add(m.topic())));
    lane.flush();
    loop.runOne();

    assertThat(topics).containsExactly("a/1", "a/2");
  }

  @Test
  void a_session_is_woken_before_the_answers_of_the_batch_are_handed_out() throws Exception {
    List<String> outcomes = new ArrayList<>();
    lane.submit(
        new Command.Claim("c", "n1", 1, false, true, 60, 10, null),
        outcome -> outcomes.add(outcome.getClass().getSimpleName()));
    lane.flush();
    loop.runOne();
    long epoch = 2; // behind NodeUp
    var queue = new StoredSubscription(SubscriptionFilter.parse("q"), 1, false, false, 0, 0);
    effects.notes.clear();

    lane.submit(
        new Command.Subscribe("c", epoch, List.of(queue)),
        outcome -> outcomes.add(outcome.getClass().getSimpleName()));
    lane.submit(
        new Command.Append(Message.of("q", new byte[] {1}, 1, false), null, 0, 0, List.of()),
        outcome -> outcomes.add(outcome.getClass().getSimpleName()));
    lane.flush();
    Runnable answers = loop.tasks.poll(10, TimeUnit.SECONDS);

    assertThat(effects.notes).containsExactly("queued c q", "flush");
    assertThat(answers).isNotNull();
    if (answers != null) {
      answers.run();
    }
    assertThat(outcomes).containsExactly("Claimed", "Subscribed", "Appended");
  }

  @Test
  void what_is_due_happens_without_anything_being_submitted() throws Exception {
    delay("later", 50);

    assertThat(effects.notes.poll(10, TimeUnit.SECONDS)).isEqualTo("flush"); // of the command
    assertThat(effects.notes.poll(10, TimeUnit.SECONDS)).isEqualTo("published later");
  }

  @Test
  void closing_applies_what_was_flushed() {
    List<Outcome> outcomes = new ArrayList<>();
    lane.submit(retain("x"), outcomes::add);
    lane.flush();

    door.close();

    loop.tasks.forEach(Runnable::run);
    assertThat(outcomes).containsExactly(new Outcome.Appended(0, false, List.of()));
  }

  @Test
  void an_error_of_the_applier_is_told_and_nothing_is_answered_any_more() throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    delay("fail", 0);
    assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
    loop.tasks.clear();

    lane.submit(retain("x"), outcomes::add);
    lane.flush();
    door.close();

    assertThat(failure.get()).hasMessage("as if the disk had failed");
    assertThat(loop.tasks).isEmpty();
    assertThat(outcomes).isEmpty();
  }

  private void delay(String topic, long millis) {
    Message message = Message.of(topic, new byte[] {1}, 0, false);
    lane.submit(
        new Command.Delay(message, door.logTimeMillis() + millis, null, 0, 0), outcome -> {});
    lane.flush();
  }

  private static Command retain(String topic) {
    return new Command.Append(Message.of(topic, new byte[] {1}, 0, true), null, 0, 0, List.of());
  }
}
