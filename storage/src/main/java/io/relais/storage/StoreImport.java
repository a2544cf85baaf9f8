package io.relais.storage;

import io.relais.storage.table.RocksTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes a data directory out of [StoredItem]s. All of them or none: before [#finish] has returned,
/// no node starts on the directory, whatever happens.
///
/// Owner: one thread.
public final class StoreImport implements AutoCloseable {
  private static final long CACHE_BYTES = 32 << 20;

  private final DataDirectory directory;
  private final boolean isNew;
  private final RocksTables tables;
  private final StoreWriter writer;
  private boolean tablesClosed;
  private boolean completed;

  private StoreImport(DataDirectory directory, boolean isNew) {
    this.directory = directory;
    this.isNew = isNew;
    this.tables = RocksTables.open(directory.importing(), CACHE_BYTES);
    this.writer = new StoreWriter(tables);
  }

  /// @param path missing, or empty but for what an interrupted import left
  /// @throws IOException with a sentence, if there is something else, or somebody holds it
  public static StoreImport into(Path path) throws IOException {
    boolean isNew = !Files.exists(path);
    DataDirectory directory = DataDirectory.openToFill(path);
    try {
      return new StoreImport(directory, isNew);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /// @throws InvalidItem if the item cannot be, or not here; the import can only be given up then
  public void put(StoredItem item) throws InvalidItem {
    writer.put(item);
  }

  /// Verifies what was written, and makes it the state.
  ///
  /// @throws InvalidItem if the items do not go together
  public StoreCheck.Report finish() throws InvalidItem, IOException {
    writer.finish();
    StoreCheck.Report report = StoreCheck.check(tables);
    if (!report.isSound()) {
      StoreCheck.Damage first = report.damages().getFirst();
      throw new InvalidItem(
          "the items do not go together: %s%s"
              .formatted(
                  first,
                  report.damageCount() == 1
                      ? ""
                      : ", and %d more".formatted(report.damageCount() - 1)));
    }
    closeTables();
    directory.complete();
    completed = true;
    return report;
  }

  private void closeTables() {
    if (!tablesClosed) {
      tablesClosed = true;
      tables.close();
    }
  }

  /// Without [#finish] before it, nothing is left.
  @Override
  public void close() throws IOException {
    closeTables();
    try (directory) {
      if (!completed) {
        directory.deleteImport();
        Files.deleteIfExists(directory.path().resolve("lock"));
      }
    }
    if (!completed && isNew) {
      Files.deleteIfExists(directory.path());
    }
  }
}
