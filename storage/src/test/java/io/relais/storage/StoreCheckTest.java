package io.relais.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.ByteReader;
import io.relais.storage.table.ByteWriter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.HeapTables;
import io.relais.storage.table.Writes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each record of a store is damaged, one by one.
class StoreCheckTest {
  private static final long NOW = 1_000_000;

  private final HeapTables tables = new HeapTables();

  @BeforeEach
  void fill() throws MalformedPacket {
    State state = State.open(tables, new RecordedEffects(), restored -> {});
    state.apply(new Command.NodeUp("n", 1), NOW);
    state.apply(new Command.PutUser("ann", "hash"), NOW);
    state.apply(new Command.PutDocument("accounts", "admin", true, "{}"), NOW);
    long a = claim(state, "a");
    long b = claim(state, "b");
    subscribe(state, "a", a, "t/#");
    subscribe(state, "b", b, "t/#");
    subscribe(state, "b", b, "$share/g/s");
    subscribe(state, "b", b, "$exclusive/x");
    state.apply(
        new Command.Append(message("t/1", 2, true, NOW + 9_000), "a", a, 7, List.of()), NOW);
    state.apply(new Command.Append(message("s", 1, false, 0), null, 0, 0, List.of()), NOW);
    state.apply(new Command.Append(message("t/2", 2, false, 0), null, 0, 0, List.of()), NOW);
    state.apply(new Command.Append(message("r", 1, true, NOW + 5_000), null, 0, 0, List.of()), NOW);
    state.apply(new Command.Delay(message("d", 1, false, 0), NOW + 7_000, null, 0, 0), NOW);
    state.apply(new Command.Released("b", b, 0), NOW);
    var group = SubscriptionFilter.parse("$share/g/s");
    state.commit(NOW);
    long queue = new ByteReader(value(keys(Keys.GROUP).getFirst())).u8();
    long first = state.readShared(group, 0, 1, 1 << 20).getFirst().sequence();
    state.apply(new Command.HandOut(group, queue, List.of(new Command.Handed(first, "b"))), NOW);
    state.apply(new Command.Release("a", a, Command.Parting.LOST, -1, 0), NOW);
    state.commit(NOW);
  }

  private static long claim(State state, String client) {
    var will = new Command.StoredWill(message("w", 1, false, 0), 10, -1);
    Outcome outcome = state.apply(new Command.Claim(client, "n", 1, false, true, 60, 4, will), NOW);
    return ((Outcome.Claimed) outcome).epoch();
  }

  private static void subscribe(State state, String client, long epoch, String filter)
      throws MalformedPacket {
    var subscription =
        new StoredSubscription(SubscriptionFilter.parse(filter), 2, false, false, 0, 3);
    state.apply(new Command.Subscribe(client, epoch, List.of(subscription)), NOW);
  }

  private static Message message(String topic, int qos, boolean retain, long expiresAt) {
    return Message.of(topic, "text".getBytes(StandardCharsets.UTF_8), qos, retain)
        .withExpiry(expiresAt);
  }

  private List<byte[]> keys(char table) {
    List<byte[]> keys = new ArrayList<>();
    try (Cursor cursor = tables.cursor(Keys.first(table), Keys.behind(table))) {
      for (; cursor.isValid(); cursor.next()) {
        keys.add(cursor.key());
      }
    }
    return keys;
  }

  /// With the head that is there, which each batch writes anew.
  private Writes writes() {
    var writes = new Writes();
    byte[] head = tables.get(Keys.first(Keys.META));
    if (head != null && head.length == Writes.HEAD_NUMBERS * Long.BYTES) {
      writes.head(Meta.read(new ByteReader(head)).numbers());
    }
    return writes;
  }

  private void put(byte[] key, byte[] value) {
    Writes writes = writes();
    writes.put(
        new ByteWriter(key.length).bytes(key), new ByteWriter(value.length + 1).bytes(value));
    tables.write(writes, false);
  }

  private void delete(byte[] key) {
    Writes writes = writes();
    writes.delete(new ByteWriter(key.length).bytes(key));
    tables.write(writes, false);
  }

  private byte[] value(byte[] key) {
    return java.util.Objects.requireNonNull(tables.get(key));
  }

  @Test
  void a_store_that_was_written_by_commands_is_sound_and_counted() {
    StoreCheck.Report report = StoreCheck.check(tables);

    assertThat(report.damages()).isEmpty();
    assertThat(report.sessions()).isEqualTo(2);
    assertThat(report.subscriptions()).isEqualTo(4);
    assertThat(report.queuedMessages()).isEqualTo(5);
    assertThat(report.retainedMessages()).isEqualTo(2);
    assertThat(report.delayedMessages()).isEqualTo(1);
    assertThat(report.users()).isEqualTo(1);
  }

  /// Nodes, users, QoS 2 ids and origins: nothing else says that they should be there.
  @ParameterizedTest
  @ValueSource(chars = {'m', 's', 'b', 'e', 'h', 'q', 'g', 'p', 'c', 'r', 'y', 'd'})
  void each_record_that_is_missing_is_found_where_another_tells_of_it(char table) {
    List<byte[]> keys = keys(table);

    assertThat(keys).isNotEmpty();
    for (byte[] key : keys) {
      byte[] value = value(key);
      boolean isMissed =
          switch (table) {
            case 'b' -> new String(key, StandardCharsets.UTF_8).contains("$");
            case 'h' -> Queues.decode(key, value).count() > 0;
            default -> true;
          };
      delete(key);
      assertThat(StoreCheck.check(tables).isSound())
          .as("without %s", new String(key, StandardCharsets.ISO_8859_1))
          .isNotEqualTo(isMissed);
      put(key, value);
    }
    assertThat(StoreCheck.check(tables).isSound()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      chars = {'m', 'n', 'u', 'a', 's', 'b', 'e', 'h', 'q', 'g', 'o', 'p', 'c', 'r', 'y', 'd'})
  void each_record_that_is_cut_off_is_found_with_its_name(char table) {
    for (byte[] key : keys(table)) {
      byte[] value = value(key);
      put(key, java.util.Arrays.copyOf(value, value.length - 1));
      StoreCheck.Report report = StoreCheck.check(tables);
      assertThat(report.isSound()).as("cut %s", (char) key[0]).isFalse();
      put(key, value);
    }
  }

  @ParameterizedTest
  @ValueSource(chars = {'x', 'i', 'o', 'b', 'q', 'h'})
  void a_record_that_belongs_to_nothing_is_found(char table) {
    byte[] key = keys(table).getFirst().clone();
    byte[] value = value(key);
    key[table == 'b' ? 2 : 8] ^= 0x40;
    put(key, value);

    assertThat(StoreCheck.check(tables).damages()).isNotEmpty();
  }

  @Test
  void what_no_table_has_is_found() {
    put(new byte[] {'z', 1}, new byte[] {1});
    put(new byte[] {'A'}, new byte[] {1});

    assertThat(StoreCheck.check(tables).damages())
        .extracting(StoreCheck.Damage::where)
        .containsExactly("the record [65]", "the record [122, 1]");
  }

  @Test
  void a_retained_message_that_was_replaced_leaves_its_due_record_and_that_is_no_damage() {
    State state = State.open(tables, new RecordedEffects(), restored -> {});
    state.apply(new Command.Append(message("r", 1, true, 0), null, 0, 0, List.of()), NOW);
    state.commit(NOW);

    assertThat(StoreCheck.check(tables).damages()).isEmpty();
  }

  @Test
  void a_hundred_damages_are_told_and_all_counted() {
    for (int i = 0; i < 250; i++) {
      put(Keys.pair(new ByteWriter(32), Keys.RELEASED, 77, i).copy(), new byte[0]);
    }

    StoreCheck.Report report = StoreCheck.check(tables);

    assertThat(report.damages()).hasSize(StoreCheck.DAMAGES_MAX);
    assertThat(report.damageCount()).isEqualTo(250);
    assertThat(report.damages().getFirst())
        .isEqualTo(new StoreCheck.Damage("PUBREC 77:0", "its entry is not there"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void references_are_counted_the_same_in_windows_of_any_size(int window) {
    List<String> expected = references(100);

    assertThat(references(window)).isEqualTo(expected).hasSize(2);
  }

  private List<String> references(int window) {
    List<String> found = new ArrayList<>();
    new References(tables, window, queue -> true)
        .count(
            new References.Found() {
              @Override
              public void message(long id, int references) {
                found.add(id + " " + references);
              }

              @Override
              public void missing(byte[] key, long id) {
                found.add("missing " + id);
              }
            });
    return found;
  }
}
