package io.relais.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.HeapTables;
import io.relais.storage.table.RocksTables;
import io.relais.storage.table.Tables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A state that is opened again and again behaves like one that never was: random histories, in
/// batches, on both at once.
class RestartTest {
  private static final String NODE = "n1";
  private static final String[] CLIENTS = {"a", "b", "c", "d"};
  private static final String[] TOPICS = {"t", "t/1", "t/2", "t/2/x", "u", "/", "u//y"};
  private static final String[] FILTERS = {
    "t/#", "t/+", "u", "#", "t/2/x", "$share/g/t/#", "$share/h/u", "$exclusive/u", "+//y"
  };
  private static final StoreLimits SMALL = new StoreLimits(12, 8_000, false, 5, 6, 40_000);

  @Test
  void a_restarted_state_is_the_same_on_the_heap() throws MalformedPacket, InvalidItem {
    for (int seed = 0; seed < 150; seed++) {
      var tables = new HeapTables();
      compare(seed, 60, () -> tables, false);
    }
  }

  @Test
  void a_restarted_state_is_the_same_on_disk(@TempDir Path folder)
      throws MalformedPacket, InvalidItem {
    for (int seed = 1_000; seed < 1_010; seed++) {
      Path own = folder.resolve("s" + seed);
      compare(seed, 60, () -> RocksTables.open(own, 1 << 20), true);
    }
  }

  private static void compare(int seed, int batches, Supplier<Tables> tables, boolean closes)
      throws MalformedPacket, InvalidItem {
    var random = new Random(seed);
    var steadyEffects = new RecordedEffects();
    var restartedEffects = new RecordedEffects();
    State steady = State.open(new HeapTables(), steadyEffects, restored -> {});
    State restarted = State.open(tables.get(), restartedEffects, restored -> {});
    long now = 1_000_000;
    List<Command> history = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      now += random.nextInt(4_000);
      List<Command> batch = batch(random, steady, now, i == 0);
      history.addAll(batch);

      List<Object> expected = apply(steady, batch, now);
      List<Object> actual = apply(restarted, batch, now);

      assertThat(actual).as("seed %d, %s", seed, history).isEqualTo(expected);
      assertThat(view(restarted)).as("seed %d, %s", seed, history).isEqualTo(view(steady));
      if (random.nextInt(3) == 0) {
        if (closes) {
          restarted.close();
        }
        restartedEffects.sharedQueues.clear();
        restarted = State.open(tables.get(), restartedEffects, restored -> {});
        restarted.apply(new Command.SetLimits(SMALL), now);
        restarted.commit(now);
        steady.apply(new Command.SetLimits(SMALL), now);
        steady.commit(now);
      }
    }
    soundAndTheSameWhenWrittenAnew(seed, restarted, tables, closes);
    assertThat(restartedEffects.queued).as("seed %d", seed).isEqualTo(steadyEffects.queued);
    assertThat(restartedEffects.dropped).as("seed %d", seed).isEqualTo(steadyEffects.dropped);
    assertThat(restartedEffects.offered).as("seed %d", seed).isEqualTo(steadyEffects.offered);
    assertThat(restartedEffects.ended).as("seed %d", seed).isEqualTo(steadyEffects.ended);
    if (!closes) {
      restarted.close();
    }
  }

  private static void soundAndTheSameWhenWrittenAnew(
      int seed, State restarted, Supplier<Tables> open, boolean closes) throws InvalidItem {
    if (closes) {
      restarted.close();
    }
    Tables tables = open.get();
    assertThat(StoreCheck.check(tables).damages()).as("seed %d", seed).isEmpty();
    List<StoredItem> items = new ArrayList<>();
    StoreReader.read(tables, items::add);
    var anew = new HeapTables();
    var writer = new StoreWriter(anew);
    for (StoredItem item : items) {
      writer.put(item);
    }
    writer.finish();
    List<StoredItem> again = new ArrayList<>();
    StoreReader.read(anew, again::add);
    assertThat(StoreCheck.check(anew).damages()).as("seed %d", seed).isEmpty();
    assertThat(again).as("seed %d", seed).usingRecursiveComparison().isEqualTo(items);
    if (closes) {
      tables.close();
    }
  }

  private static List<Object> apply(State state, List<Command> batch, long now) {
    List<Object> outcomes = new ArrayList<>();
    batch.forEach(command -> outcomes.add(text(state.apply(command, now))));
    state.commit(now);
    return outcomes;
  }

  /// Messages have no equality of their own.
  private static Object text(Outcome outcome) {
    if (outcome instanceof Outcome.Claimed claimed) { // of subscriptions the order is left open
      List<String> subscriptions =
          claimed.subscriptions().stream().map(StoredSubscription::toString).sorted().toList();
      return "%d %s %s %d %d %d %s"
          .formatted(
              claimed.epoch(),
              claimed.sessionPresent(),
              subscriptions,
              claimed.headSequence(),
              claimed.nextSequence(),
              claimed.sentBelow(),
              new TreeMap<>(
                  claimed.owed().entrySet().stream()
                      .collect(Collectors.toMap(e -> e.getKey().text(), Map.Entry::getValue))));
    }
    return outcome.toString();
  }

  private static List<String> view(State state) {
    List<String> view = new ArrayList<>();
    for (String client : CLIENTS) {
      view.add(client + " " + state.hasSession(client));
      view.add(client + " " + state.users().passwordHash(client) + state.users().isEmpty());
      view.add(client + " " + state.users().groups(client));
      state.readQueue(client, 0, 100, 1 << 20).forEach(entry -> view.add(text(entry)));
    }
    state.readRetained("#", null, 100).messages().forEach(message -> view.add(message.toString()));
    for (String shared : List.of("$share/g/t/#", "$share/h/u")) {
      try {
        state
            .readShared(SubscriptionFilter.parse(shared), 0, 100, 1 << 20)
            .forEach(entry -> view.add(text(entry)));
      } catch (MalformedPacket e) {
        throw new AssertionError(e);
      }
    }
    StateSizes sizes = state.sizes();
    view.add(
        "%d %d %d %d %d %d %d"
            .formatted(
                sizes.sessions(),
                sizes.subscriptions(),
                sizes.queuedMessages(),
                sizes.bytes(),
                sizes.retainedMessages(),
                sizes.retainedBytes(),
                sizes.delayedMessages()));
    return view;
  }

  private static String text(QueueEntry entry) {
    return entry.sequence()
        + " "
        + entry.message()
        + " "
        + new String(entry.message().payload(), StandardCharsets.UTF_8)
        + " "
        + entry.qos()
        + entry.retain()
        + entry.released()
        + entry.subscriptionIds().length;
  }

  private static List<Command> batch(Random random, State state, long now, boolean first)
      throws MalformedPacket {
    List<Command> batch = new ArrayList<>();
    if (first) {
      batch.add(new Command.NodeUp(NODE, 1));
      batch.add(new Command.SetLimits(SMALL));
    }
    if (state.hasGarbage()) {
      batch.add(new Command.Sweep());
    }
    state.due(now, 20).forEach(due -> batch.add(new Command.Fire(due)));
    int commands = 1 + random.nextInt(12);
    for (int i = 0; i < commands; i++) {
      batch.add(command(random, state, now));
    }
    return batch;
  }

  private static Command command(Random random, State state, long now) throws MalformedPacket {
    String client = CLIENTS[random.nextInt(CLIENTS.length)];
    long epoch = epochs(state, client);
    return switch (random.nextInt(15)) {
      case 0 -> claim(random, client);
      case 1 ->
          new Command.Release(
              client,
              epoch,
              Command.Parting.values()[random.nextInt(3)],
              random.nextInt(3) == 0 ? random.nextInt(20) : -1,
              random.nextInt(3));
      case 2, 3 -> {
        var filter = SubscriptionFilter.parse(FILTERS[random.nextInt(FILTERS.length)]);
        yield new Command.Subscribe(
            client,
            epoch,
            List.of(
                new StoredSubscription(
                    filter, random.nextInt(3), false, random.nextBoolean(), 0, random.nextInt(3))));
      }
      case 4 -> {
        List<SubscriptionFilter> filters =
            List.of(SubscriptionFilter.parse(FILTERS[random.nextInt(FILTERS.length)]));
        yield random.nextInt(3) == 0
            ? new Command.Withdraw(client, filters)
            : new Command.Unsubscribe(client, epoch, filters);
      }
      case 5 -> new Command.Acknowledge(client, epoch, someSequences(random, state, client));
      case 6 -> {
        long[] some = someSequences(random, state, client);
        yield new Command.Released(client, epoch, some.length == 0 ? 0 : some[0]);
      }
      case 7 -> {
        List<DelayedMessage> waiting = state.readDelayed(random.nextInt(3), 2);
        yield random.nextInt(3) == 0 && !waiting.isEmpty()
            ? new Command.DropDelayed(waiting.getLast().id())
            : new Command.Delay(message(random, now), now + random.nextInt(9_000), null, 0, 0);
      }
      case 8 -> {
        var filter = SubscriptionFilter.parse(FILTERS[random.nextInt(5)]);
        yield new Command.QueueRetained(
            client, epoch, new StoredSubscription(filter, 1, false, false, 0, 0), null);
      }
      case 9 -> new Command.Forget(client, epoch, 1 + random.nextInt(3));
      case 10 -> {
        var shared = SubscriptionFilter.parse("$share/g/t/#");
        SharedQueue group = state.durable().queue(shared);
        long queue = group == null ? 0 : group.queue.id;
        List<QueueEntry> waiting = state.readShared(shared, 0, 2, 1 << 20);
        yield switch (random.nextInt(6)) {
          case 0 ->
              new Command.AcknowledgeShared(
                  shared, queue, waiting.stream().mapToLong(QueueEntry::sequence).toArray());
          case 1 -> {
            byte[] payload = ("back " + random.nextInt(1_000)).getBytes(StandardCharsets.UTF_8);
            // Of QoS 1 or 2: no other ever stood in the queue.
            var message = Message.of("t/1", payload, 1 + random.nextInt(2), false);
            yield new Command.PutBack(shared, List.of(message));
          }
          case 2 -> {
            long behind = waiting.isEmpty() ? 0 : waiting.getLast().sequence() + 1;
            yield new Command.EndShared(
                shared, queue, random.nextBoolean() ? behind : Long.MAX_VALUE);
          }
          default ->
              new Command.HandOut(
                  shared,
                  queue,
                  waiting.stream()
                      .map(entry -> new Command.Handed(entry.sequence(), client))
                      .toList());
        };
      }
      case 11 ->
          new Command.Append(message(random, now), client, epoch, 1 + random.nextInt(3), List.of());
      case 12 ->
          switch (random.nextInt(5)) {
            case 0 ->
                new Command.PutUser(
                    client, "hash " + random.nextInt(3), groups(random), random.nextBoolean());
            case 4 ->
                new Command.ChangeUser(
                    client,
                    random.nextBoolean() ? "hash " + random.nextInt(3) : null,
                    random.nextBoolean() ? "hash " + random.nextInt(3) : null,
                    random.nextBoolean() ? groups(random) : null);
            case 1 -> new Command.DropUser(client);
            case 2 ->
                new Command.PutDocument(
                    "c" + random.nextInt(2), client, random.nextBoolean(), "text " + now);
            default -> new Command.DropDocument("c" + random.nextInt(2), client);
          };
      default -> new Command.Append(message(random, now), null, 0, 0, List.of());
    };
  }

  private static List<String> groups(Random random) {
    return List.of("g", "h", "i").subList(0, random.nextInt(4));
  }

  private static long[] someSequences(Random random, State state, String client) {
    return state.readQueue(client, 0, 6, 1 << 20).stream()
        .filter(entry -> random.nextInt(3) > 0)
        .mapToLong(QueueEntry::sequence)
        .toArray();
  }

  /// The epoch of the claim that stands; -1 if none does.
  private static long epochs(State state, String client) {
    StoredSession session = state.session(client);
    return session == null ? -1 : session.epoch;
  }

  private static Command claim(Random random, String client) {
    Command.StoredWill will =
        random.nextBoolean()
            ? new Command.StoredWill(
                Message.of("t/2", ("will of " + client).getBytes(StandardCharsets.UTF_8), 1, false),
                random.nextInt(8),
                -1)
            : null;
    return new Command.Claim(
        client,
        NODE,
        1,
        random.nextInt(5) == 0,
        random.nextInt(6) > 0,
        random.nextInt(4) == 0 ? Command.NEVER : random.nextInt(30),
        1 + random.nextInt(4),
        will);
  }

  private static Message message(Random random, long now) {
    byte[] payload =
        random.nextInt(8) == 0
            ? new byte[0]
            : ("m" + random.nextInt(1_000) + " ".repeat(random.nextInt(400)))
                .getBytes(StandardCharsets.UTF_8);
    String topic = TOPICS[random.nextInt(TOPICS.length)];
    return new Message(
        topic,
        topic.getBytes(StandardCharsets.UTF_8),
        payload,
        new byte[0],
        random.nextInt(3),
        random.nextInt(4) == 0,
        random.nextInt(4) == 0 ? now + random.nextInt(20_000) : 0,
        random.nextBoolean() ? CLIENTS[random.nextInt(CLIENTS.length)] : null);
  }
}
