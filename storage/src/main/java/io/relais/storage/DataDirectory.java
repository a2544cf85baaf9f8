package io.relais.storage;

import io.relais.storage.table.LogCheck;
import io.relais.storage.table.RocksTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The directory that a node keeps everything in, held against other processes as long as it is
/// open: `lock`, `format` with the version of what lies there, and `state` with the tables.
///
/// Owner: whoever opened it closes it, after the tables.
public final class DataDirectory implements AutoCloseable {
  /// The version of the on-disk format that this program writes; see docs/store.md.
  public static final int FORMAT = 1;

  private static final String FORMAT_PREFIX = "relais store format ";
  private static final int FORMAT_BYTES_MAX = 200;
  private static final String LOCK = "lock";

  /// Where an import writes the tables, until it is done.
  private static final String IMPORTING = "state.importing";

  /// Where a backup gathers what it copies.
  public static final String BACKUP = "backup";

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Opens a data directory, or makes it.
  ///
  /// @throws IOException with a sentence, if another process has it, if it has a format that this
  ///   program does not know, or if it cannot be used
  public static DataDirectory open(Path path) throws IOException {
    Files.createDirectories(path);
    return open(path, "give this node another one with 'data:'");
  }

  /// @param instead what to do if it is in use
  private static DataDirectory open(Path path, String instead) throws IOException {
    FileChannel channel = lock(path, instead);
    try {
      if (Files.exists(path.resolve(IMPORTING))) {
        throw new IOException(
            "An import into the data directory %s was interrupted; run it again, or remove the directory"
                .formatted(path.toAbsolutePath().normalize()));
      }
      checkFormat(path);
      delete(path.resolve(BACKUP)); // of a backup that was interrupted
      // RocksDB syncs what it makes in its folder, but not the folder itself.
      Files.createDirectories(path.resolve("state"));
      sync(path);
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        sync(parent);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new DataDirectory(path, channel);
  }

  /// Opens a data directory that is there.
  ///
  /// @throws IOException with a sentence, if there is none, or as [#open(Path)] says
  public static DataDirectory openExisting(Path path) throws IOException {
    boolean isData =
        Stream.of("format", "state", IMPORTING).anyMatch(name -> Files.exists(path.resolve(name)));
    if (!isData) {
      throw new IOException("There is no data of Relais in " + path.toAbsolutePath().normalize());
    }
    return open(path, "end it first");
  }

  /// Takes a directory that is missing or empty to be filled by an import. It becomes one that can
  /// be opened by [#complete]; until then it is refused. What an interrupted import left is
  /// removed.
  ///
  /// @throws IOException with a sentence, if something is there or another process has it
  static DataDirectory openToFill(Path path) throws IOException {
    Files.createDirectories(path);
    requireEmpty(path);
    FileChannel channel = lock(path, "end it first");
    var directory = new DataDirectory(path, channel);
    try {
      requireEmpty(path);
      directory.deleteImport();
    } catch (IOException e) {
      directory.close();
      throw e;
    }
    return directory;
  }

  private static void requireEmpty(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals(LOCK) && !name.equals(IMPORTING)) {
          throw new IOException(
              "The directory %s is not empty (%s is there); an import needs one that is empty or missing"
                  .formatted(path.toAbsolutePath().normalize(), name));
        }
      }
    }
  }

  /// Where the tables lie while they are imported.
  Path importing() {
    return path.resolve(IMPORTING);
  }

  /// The import is done, and its tables are closed.
  void complete() throws IOException {
    Files.move(importing(), state(), StandardCopyOption.ATOMIC_MOVE);
    writeFormat(path, path.resolve("format"));
  }

  /// The import failed: as if it had never been.
  void deleteImport() throws IOException {
    delete(importing());
  }

  /// Removes a folder with all that is in it, if it is there.
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static FileChannel lock(Path path, String instead) throws IOException {
    Path file = path.resolve(LOCK);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        channel.truncate(0);
        channel.write(
            ByteBuffer.wrap(
                (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException(inUse(path, "this process", instead), e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    String holder = Files.readString(file).strip();
    channel.close();
    String by = holder.isEmpty() ? "another process" : "process " + holder;
    throw new IOException(inUse(path, by, instead));
  }

  private static String inUse(Path path, String by, String instead) {
    return "The data directory %s is in use by %s; %s"
        .formatted(path.toAbsolutePath().normalize(), by, instead);
  }

  private static void checkFormat(Path path) throws IOException {
    Path file = path.resolve("format");
    if (!Files.exists(file)) {
      if (Files.exists(path.resolve("state/CURRENT"))) {
        throw new IOException(
            "The data directory %s has a store but no file 'format', which says what it is; restore it from a backup"
                .formatted(path.toAbsolutePath().normalize()));
      }
      writeFormat(path, file);
      return;
    }
    String said = Files.size(file) > FORMAT_BYTES_MAX ? "?" : Files.readString(file).strip();
    if (!said.equals(FORMAT_PREFIX + FORMAT)) {
      throw new IOException(
          "The data directory %s has the format '%s', this version of Relais knows '%s%d'; start it with the version that wrote it"
              .formatted(path.toAbsolutePath().normalize(), said, FORMAT_PREFIX, FORMAT));
    }
  }

  private static void writeFormat(Path path, Path file) throws IOException {
    Path unfinished = path.resolve("format.new");
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      out.write(
          ByteBuffer.wrap((FORMAT_PREFIX + FORMAT + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    sync(path);
  }

  /// A file or a folder.
  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  public Path path() {
    return path;
  }

  /// Where the tables lie.
  public Path state() {
    return path.resolve("state");
  }

  /// Whether something was ever kept here.
  public boolean hasTables() {
    return Files.exists(state().resolve("CURRENT"));
  }

  /// Opens the tables.
  ///
  /// @param cacheBytes for blocks that were read
  /// @throws IOException naming file and place, if the log is damaged elsewhere than at its end
  public RocksTables openTables(long cacheBytes) throws IOException {
    List<LogCheck.Damage> damages = LogCheck.checkAndCut(state());
    if (!damages.isEmpty()) {
      throw new IOException(
          "The store is damaged: "
              + damages.getFirst()
              + "; see 'relais store check', or restore a backup");
    }
    return RocksTables.open(state(), cacheBytes);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
