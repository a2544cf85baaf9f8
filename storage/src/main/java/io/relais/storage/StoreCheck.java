package io.relais.storage;

import io.relais.storage.table.LogCheck;
import io.relais.storage.table.RocksTables;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Verifies a store from its files up to its records, and tells what it holds. It changes nothing
/// of the state.
public final class StoreCheck {
  /// Of damages that are told; others are counted.
  public static final int DAMAGES_MAX = 100;

  private static final long CACHE_BYTES = 32 << 20;

  private StoreCheck() {}

  /// @param where a file with its place, or a record
  /// @param what is wrong with it
  public record Damage(String where, String what) {
    @Override
    public String toString() {
      return where + ": " + what;
    }
  }

  /// What a store holds, and what is wrong with it.
  ///
  /// @param position how many commands were applied
  /// @param logTimeMillis the time that due times and expiries are in
  /// @param wallMillis when the last batch was committed; 0: never
  /// @param queues that have entries or had some
  /// @param bytes of all messages, each counted once
  /// @param diskBytes of all files
  /// @param damages the first [#DAMAGES_MAX]
  /// @param damageCount of all
  public record Report(
      int format,
      long position,
      long logTimeMillis,
      long wallMillis,
      int sessions,
      int subscriptions,
      int queues,
      long queuedMessages,
      long bytes,
      int retainedMessages,
      int delayedMessages,
      int users,
      long diskBytes,
      List<Damage> damages,
      int damageCount) {
    public Report {
      damages = List.copyOf(damages);
    }

    public boolean isSound() {
      return damageCount == 0;
    }
  }

  /// What was found so far.
  static final class Findings {
    final List<Damage> damages = new ArrayList<>();
    int damageCount;
    Meta meta = Meta.EMPTY;
    int sessions;
    int subscriptions;
    int queues;
    long queuedMessages;
    int retained;
    int delayed;
    int users;

    void damage(String where, String what) {
      if (damageCount++ < DAMAGES_MAX) {
        damages.add(new Damage(where, what));
      }
    }

    Report report(long diskBytes) {
      return new Report(
          DataDirectory.FORMAT,
          meta.position(),
          meta.logTimeMillis(),
          meta.wallMillis(),
          sessions,
          subscriptions,
          queues,
          queuedMessages,
          meta.bytes(),
          retained,
          delayed,
          users,
          diskBytes,
          damages,
          damageCount);
    }
  }

  /// Checks the logs, the checksums of all files, and the records.
  ///
  /// @param directory held by the caller, so that nobody writes to it
  public static Report check(DataDirectory directory) throws IOException {
    var found = new Findings();
    Path state = directory.state();
    for (LogCheck.Damage damage : LogCheck.check(state)) {
      found.damage(
          "%s at byte %d".formatted(damage.file(), damage.offset()),
          "the record is damaged, and what was synced after it follows");
    }
    if (directory.hasTables()) {
      try (RocksTables tables = RocksTables.openToRead(state, CACHE_BYTES)) {
        try {
          tables.verify();
        } catch (StoreFailure e) {
          found.damage(state.toString(), String.valueOf(e.getMessage()));
        }
        new RecordCheck(tables, found).run();
      } catch (StoreFailure e) {
        found.damage(state.toString(), String.valueOf(e.getMessage()));
      }
    }
    return found.report(bytes(directory.path()));
  }

  /// Checks the records alone.
  static Report check(Tables tables) {
    var found = new Findings();
    new RecordCheck(tables, found).run();
    return found.report(0);
  }

  private static long bytes(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
