package io.relais.server.store;

import io.relais.storage.Backup;
import io.relais.storage.DataDirectory;
import io.relais.storage.InvalidItem;
import io.relais.storage.StoreCheck;
import io.relais.storage.StoreImport;
import io.relais.storage.StoreReader;
import io.relais.storage.table.HeapTables;
import io.relais.storage.table.LogCheck;
import io.relais.storage.table.RocksTables;
import io.relais.storage.table.StoreFailure;
import io.relais.storage.table.Tables;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Data directories that no node uses: verified, written out as lines of JSON, and made of such.
/// Each call holds the directory as long as it works.
public final class StoreFiles {
  private static final long CACHE_BYTES = 32 << 20;

  private StoreFiles() {}

  /// @param where a file with its place, or a record
  /// @param what is wrong with it
  public record Damage(String where, String what) {}

  /// What a store holds; its fields are those of [StoreCheck.Report].
  public record Contents(
      int format,
      long position,
      long logTimeMillis,
      long wallMillis,
      int sessions,
      int subscriptions,
      int queues,
      long queuedMessages,
      int retainedMessages,
      int delayedMessages,
      int users,
      long messageBytes,
      long diskBytes) {}

  /// @param damages the first [StoreCheck#DAMAGES_MAX]
  /// @param damageCount of all
  public record Checked(Contents contents, List<Damage> damages, int damageCount) {
    public boolean isSound() {
      return damageCount == 0;
    }
  }

  /// Verifies all files and records.
  ///
  /// @throws IOException with a sentence, if there is no store, or somebody uses it
  public static Checked check(Path path) throws IOException {
    try (var held = DataDirectory.openExisting(path)) {
      StoreCheck.Report report = StoreCheck.check(held);
      return new Checked(
          contents(report),
          report.damages().stream().map(one -> new Damage(one.where(), one.what())).toList(),
          report.damageCount());
    }
  }

  private static Contents contents(StoreCheck.Report report) {
    return new Contents(
        report.format(),
        report.position(),
        report.logTimeMillis(),
        report.wallMillis(),
        report.sessions(),
        report.subscriptions(),
        report.queues(),
        report.queuedMessages(),
        report.retainedMessages(),
        report.delayedMessages(),
        report.users(),
        report.bytes(),
        report.diskBytes());
  }

  /// Fills a directory that is empty or missing with a backup, and verifies it.
  ///
  /// @throws IOException with a sentence; nothing is there then
  public static Checked restore(Path file, Path into) throws IOException {
    try (InputStream from = new BufferedInputStream(Files.newInputStream(file))) {
      Backup.restore(from, into);
    }
    return check(into);
  }

  /// Writes everything as lines of JSON; nothing if the store cannot be opened.
  ///
  /// @param version of Relais, for the header
  /// @throws IOException with a sentence, if there is no store, it is damaged, or somebody uses it
  public static void export(Path path, Writer to, String version) throws IOException {
    try (var held = DataDirectory.openExisting(path)) {
      List<LogCheck.Damage> damages = LogCheck.check(held.state());
      if (!damages.isEmpty()) {
        throw new IOException("The store is damaged: " + damages.getFirst());
      }
      try (Tables tables =
          held.hasTables() ? RocksTables.openToRead(held.state(), CACHE_BYTES) : new HeapTables()) {
        StoreReader.read(
            tables,
            item -> {
              try {
                to.write(ItemLine.write(item, version));
                to.write('\n');
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      } catch (StoreFailure e) {
        throw new IOException(e.getMessage() + "; 'relais store check' tells more", e);
      } catch (UncheckedIOException e) {
        throw new IOException(e.getMessage(), e);
      }
      to.flush();
    }
  }

  /// Fills a directory that is empty or missing, with all lines or none.
  ///
  /// @param name of the lines, for sentences
  /// @throws IOException with a sentence that names the line, what is wrong there and what would be
  ///   right
  public static Contents importLines(Path path, BufferedReader lines, String name)
      throws IOException {
    try (StoreImport to = StoreImport.into(path)) {
      long number = 0;
      try {
        for (String line; (line = lines.readLine()) != null; ) {
          number++;
          if (!line.isBlank()) {
            to.put(ItemLine.read(line));
          }
        }
      } catch (InvalidItem e) {
        throw nothing(name + " line " + number, String.valueOf(e.getMessage()));
      } catch (CharacterCodingException e) {
        throw nothing(name + " behind line " + number, "it is not UTF-8");
      }
      try {
        return contents(to.finish());
      } catch (InvalidItem e) {
        throw nothing(name, String.valueOf(e.getMessage()));
      }
    } catch (StoreFailure e) {
      throw new IOException(e.getMessage() + "; nothing was imported", e);
    }
  }

  private static IOException nothing(String where, String why) {
    return new IOException("%s: %s; nothing was imported".formatted(where, why));
  }
}
