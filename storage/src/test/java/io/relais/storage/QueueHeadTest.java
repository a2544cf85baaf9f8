package io.relais.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.protocol.MalformedPacket;
import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.table.Cursor;
import io.relais.storage.table.RocksTables;
import io.relais.storage.table.Tables;
import io.relais.storage.table.Writes;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The head of a long queue is found in as few steps as that of a short one, also after as many
/// deletions.
class QueueHeadTest {
  private static final int MESSAGES = 100_000;
  private static final int PAGE = 10;

  @TempDir Path folder;

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void the_head_of_a_long_queue_costs_as_few_steps_as_that_of_a_short_one() throws MalformedPacket {
    var tables = new CountedTables(RocksTables.open(folder, 8 << 20));
    State state = State.open(tables, new RecordedEffects(), restored -> {});
    Outcome.Claimed claimed = fill(state);

    int atFirst = steps(tables, state, 0);
    for (int from = 0; from < MESSAGES - PAGE; from += 1_000) {
      long[] page = new long[Math.min(1_000, MESSAGES - PAGE - from)];
      for (int i = 0; i < page.length; i++) {
        page[i] = (long) from + i;
      }
      state.apply(new Command.Acknowledge("c", claimed.epoch(), page), 1);
      state.commit(1);
    }
    int atLast = steps(tables, state, 0);
    state.close();
    var reopened = new CountedTables(RocksTables.open(folder, 8 << 20));
    State again = State.open(reopened, new RecordedEffects(), restored -> {});
    int afterStart = steps(reopened, again, 0);
    again.close();

    assertThat(List.of(atFirst, atLast, afterStart)).allMatch(steps -> steps <= PAGE + 1);
  }

  private static Outcome.Claimed fill(State state) throws MalformedPacket {
    state.apply(
        new Command.SetLimits(new StoreLimits(MESSAGES, 1L << 40, false, 1, 1, 1L << 40)), 1);
    var claim = new Command.Claim("c", "n", 1, false, true, Command.NEVER, 100, null);
    var claimed = (Outcome.Claimed) state.apply(claim, 1);
    var all = new StoredSubscription(SubscriptionFilter.parse("#"), 1, false, false, 0, 0);
    state.apply(new Command.Subscribe("c", claimed.epoch(), List.of(all)), 1);
    for (int i = 0; i < MESSAGES; i++) {
      Message message = Message.of("t", new byte[64], 1, false);
      state.apply(new Command.Append(message, null, 0, 0, List.of()), 1);
      if (i % 1_000 == 0) {
        state.commit(1);
      }
    }
    state.commit(1);
    return claimed;
  }

  private static int steps(CountedTables tables, State state, long from) {
    tables.steps = 0;
    assertThat(state.readQueue("c", from, PAGE, 1 << 20)).hasSize(PAGE);
    return tables.steps;
  }

  /// Counts how often a cursor moves.
  private static final class CountedTables implements Tables {
    private final Tables tables;
    int steps;

    CountedTables(Tables tables) {
      this.tables = tables;
    }

    @Override
    public boolean isDurable() {
      return tables.isDurable();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return tables.get(key);
    }

    @Override
    public Cursor cursor(byte[] from, byte[] below) {
      Cursor cursor = tables.cursor(from, below);
      return new Cursor() {
        @Override
        public boolean isValid() {
          return cursor.isValid();
        }

        @Override
        public byte[] key() {
          return cursor.key();
        }

        @Override
        public byte[] value() {
          return cursor.value();
        }

        @Override
        public void next() {
          steps++;
          cursor.next();
        }

        @Override
        public void seek(byte[] key) {
          steps++;
          cursor.seek(key);
        }

        @Override
        public void close() {
          cursor.close();
        }
      };
    }

    @Override
    public void write(Writes writes, boolean sync) {
      tables.write(writes, sync);
    }

    @Override
    public long usableBytes() {
      return tables.usableBytes();
    }

    @Override
    public void checkpoint(java.nio.file.Path into) {
      tables.checkpoint(into);
    }

    @Override
    public void reclaim() {
      tables.reclaim();
    }

    @Override
    public void close() {
      tables.close();
    }
  }
}
