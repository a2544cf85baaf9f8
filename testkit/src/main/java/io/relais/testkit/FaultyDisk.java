package io.relais.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory on a disk that can lose its power, fail on command and be slow, for processes that
/// are started with its [#environment()]. `faultydisk.c`, which they preload, keeps an image of
/// what is durable; [#cut] puts the directory back to that image once the process was killed.
///
/// Promised are content as of a file's last fsync and names as of their directory's last fsync, the
/// new directory's own name included, and nothing more: less than most file systems keep.
///
/// Owner: the test's thread; faults may be given by any thread. Watches one process at a time,
/// which is not running during [#cut].
public final class FaultyDisk {
  private static final int CONTROL_BYTES = 4_096;
  private static final long PAGE_BYTES = 4_096;
  private static final Duration COMPILE_MAX = Duration.ofSeconds(60);
  private static final VarHandle NUMBER =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // Offsets in struct control.
  private static final int SYNC_ERROR = 0;
  private static final int SYNC_PASSES = 8;
  private static final int WRITE_ERROR = 16;
  private static final int WRITE_PASSES = 24;
  private static final int SYNC_MILLIS = 32;
  private static final int LIES = 40;
  private static final int SYNCS = 64;
  private static final int WRITES = 72;
  private static final int FAULTS = 80;
  private static final int VIOLATIONS = 88;

  /// What a call fails with.
  public enum Fault {
    EIO(5),
    ENOSPC(28),
    EROFS(30);

    private final int errno;

    Fault(int errno) {
      this.errno = errno;
    }
  }

  /// What a power cut leaves beyond what was promised.
  public enum Remains {
    /// Nothing.
    STRICT,
    /// Of what was appended to a file since its last sync, a part from its beginning on.
    TORN,
    /// Likewise, and what follows in a log (`*.log`) reads as zeros or as garbage.
    TORN_AND_DIRTY,
    /// Of what was appended to a log (`*.log`), some pages of 4 KiB, in whatever order the disk
    /// took them; zeros for the others.
    HOLES,
    /// All names as they were, on contents as of their last sync.
    NAMES
  }

  private final Path watched;
  private final Path image;
  private final Path control;
  private final Path library;
  private final MappedByteBuffer numbers;

  /// @param home an empty directory for all of this
  public FaultyDisk(Path home) {
    try {
      Path real = home.toRealPath();
      watched = Files.createDirectory(real.resolve("disk"));
      image = Files.createDirectory(real.resolve("image"));
      control = Files.write(real.resolve("control"), new byte[CONTROL_BYTES]);
      library = compile(real);
      try (FileChannel channel =
          FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        numbers = channel.map(FileChannel.MapMode.READ_WRITE, 0, CONTROL_BYTES);
      }
      adopt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path compile(Path home) throws IOException {
    Path source = home.resolve("faultydisk.c");
    Path library = home.resolve("libfaultydisk.so");
    try (InputStream in = FaultyDisk.class.getResourceAsStream("faultydisk.c")) {
      if (in == null) {
        throw new IllegalStateException("faultydisk.c is not on the class path of the test kit");
      }
      Files.copy(in, source);
    }
    List<String> command =
        List.of(
            "cc",
            "-shared",
            "-fPIC",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-o",
            library.toString(),
            source.toString(),
            "-ldl",
            "-lpthread");
    Path log = home.resolve("cc.log");
    Process compiler;
    try {
      compiler =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          "there is no C compiler `cc`, which the tests of crash safety need: install gcc and libc6-dev",
          e);
    }
    try {
      if (!compiler.waitFor(COMPILE_MAX.toMillis(), TimeUnit.MILLISECONDS)
          || compiler.exitValue() != 0) {
        compiler.destroyForcibly();
        throw new AssertionError(
            "cc did not compile faultydisk.c: " + Files.readString(log, UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while cc ran", e);
    }
    return library;
  }

  /// The directory that loses what was not synced. It exists; what the process makes in it is its
  /// own to sync.
  public Path watched() {
    return watched;
  }

  /// What a process on this disk needs in its environment.
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAULTYDISK_WATCH", watched.toString(),
        "FAULTYDISK_IMAGE", image.toString(),
        "FAULTYDISK_CONTROL", control.toString());
  }

  // Faults

  /// From now on fsync and fdatasync fail, after so many more that succeed.
  public void failSyncs(Fault fault, int passes) {
    set(SYNC_PASSES, passes);
    set(SYNC_ERROR, fault.errno);
  }

  /// From now on writes fail, and so does what makes or extends files, after so many more calls
  /// that succeed.
  public void failWrites(Fault fault, int passes) {
    set(WRITE_PASSES, passes);
    set(WRITE_ERROR, fault.errno);
  }

  /// Each fsync takes so much longer.
  public void slowSyncs(Duration each) {
    set(SYNC_MILLIS, each.toMillis());
  }

  /// Syncs succeed and make nothing durable.
  public void lie() {
    set(LIES, 1);
  }

  /// Takes all faults back.
  public void heal() {
    for (int at = SYNC_ERROR; at <= LIES; at += Long.BYTES) {
      set(at, 0);
    }
  }

  /// Calls of fsync and fdatasync on the watched directory so far.
  public long syncs() {
    return get(SYNCS);
  }

  /// Calls that wrote to watched files so far.
  public long writes() {
    return get(WRITES);
  }

  /// Calls that failed on command.
  public long faults() {
    return get(FAULTS);
  }

  /// What the image cannot tell, as it was said on the process' standard error; must be 0.
  public long violations() {
    return get(VIOLATIONS);
  }

  private void set(int at, long value) {
    NUMBER.setVolatile((ByteBuffer) numbers, at, value);
  }

  private long get(int at) {
    return (long) NUMBER.getVolatile((ByteBuffer) numbers, at);
  }

  // Power cuts

  /// What a cut did.
  ///
  /// @param losses one line for each file or directory that is not what the process saw
  public record Cut(Remains remains, List<String> losses) {
    @Override
    public String toString() {
      return "power cut (" + remains + "): " + (losses.isEmpty() ? "nothing lost" : losses);
    }
  }

  /// Puts the directory back to what is durable. The process has been killed, and its end was
  /// waited for.
  public Cut cut(Remains remains, Random random) {
    List<String> losses = new ArrayList<>();
    try {
      Path after = Files.createDirectory(watched.resolveSibling("after"));
      restore(watched, inode(watched), after, Path.of(""), remains, random, losses);
      erase(watched);
      Files.move(after, watched);
      adopt();
    } catch (IOException e) {
      throw new UncheckedIOException("the power cut could not be carried out", e);
    }
    return new Cut(remains, losses);
  }

  /// @param real where the directory was as the process saw it, or null if it saw none there
  private void restore(
      @Nullable Path real,
      String inode,
      Path to,
      Path shown,
      Remains remains,
      Random random,
      List<String> losses)
      throws IOException {
    Path kept = image.resolve("dirs").resolve(inode);
    for (String name : names(kept)) {
      Path entry = kept.resolve(name);
      Path now = real == null ? null : real.resolve(name);
      Path told = shown.resolve(name);
      if (remains == Remains.NAMES && (now == null || !Files.exists(now))) {
        losses.add(told + " was removed, and so it stays");
      } else if (Files.isSymbolicLink(entry)) {
        String child = Files.readSymbolicLink(entry).toString();
        boolean same = now != null && Files.isDirectory(now) && inode(now).equals(child);
        if (!same) {
          losses.add(told + "/ is back");
        }
        Files.createDirectory(to.resolve(name));
        restore(same ? now : null, child, to.resolve(name), told, remains, random, losses);
      } else if (now != null && isContentOf(entry, now)) {
        content(entry, now, to.resolve(name), told, remains, random, losses);
      } else if (remains == Remains.NAMES && now != null && Files.isRegularFile(now)) {
        unsyncedName(now, to.resolve(name), told, random, losses);
      } else {
        losses.add(told + " is back as it was");
        Files.copy(entry, to.resolve(name));
      }
    }
    if (real != null) {
      for (String name : names(real)) {
        if (!Files.exists(to.resolve(name))) {
          Path told = shown.resolve(name);
          Path now = real.resolve(name);
          if (remains != Remains.NAMES) {
            losses.add(told + " is gone, its directory was not synced");
          } else if (Files.isDirectory(now)) {
            Files.createDirectory(to.resolve(name));
            restore(now, inode(now), to.resolve(name), told, remains, random, losses);
          } else {
            unsyncedName(now, to.resolve(name), told, random, losses);
          }
        }
      }
    }
  }

  /// The name was not synced and is there all the same.
  private void unsyncedName(Path now, Path to, Path told, Random random, List<String> losses)
      throws IOException {
    losses.add(told + " keeps its name, which was not synced");
    Path content = image.resolve("files").resolve(inode(now));
    if (Files.exists(content)) {
      content(content, now, to, told, Remains.NAMES, random, losses);
    } else {
      Files.createFile(to);
    }
  }

  private boolean isContentOf(Path entry, Path now) throws IOException {
    if (!Files.isRegularFile(now)) {
      return false;
    }
    Path content = image.resolve("files").resolve(inode(now));
    return Files.exists(content) && Files.isSameFile(content, entry);
  }

  private static void content(
      Path kept, Path now, Path to, Path told, Remains remains, Random random, List<String> losses)
      throws IOException {
    Files.copy(kept, to);
    long durable = Files.size(kept);
    long size = Files.size(now);
    if (Files.mismatch(kept, now) >= 0) {
      losses.add(
          "%s: %,d bytes are durable of %,d (they differ from byte %,d on)"
              .formatted(told, durable, size, Files.mismatch(kept, now)));
    }
    boolean isLog = told.toString().endsWith(".log");
    if (size <= durable
        || remains == Remains.STRICT
        || remains == Remains.NAMES
        || (remains == Remains.HOLES && !isLog)) {
      return;
    }
    int tail = (int) Math.min(size - durable, 1 << 26);
    int whole = remains == Remains.HOLES ? tail : random.nextInt(tail + 1);
    byte[] bytes = new byte[whole];
    try (FileChannel from = FileChannel.open(now, StandardOpenOption.READ)) {
      ByteBuffer part = ByteBuffer.wrap(bytes);
      while (part.hasRemaining() && from.read(part, durable + part.position()) >= 0) {
        // until all of it is read
      }
    }
    if (remains == Remains.HOLES) {
      int holes = punch(bytes, durable, random);
      Files.write(to, bytes, StandardOpenOption.APPEND);
      losses.add("  of which all others remain, but for %d pages".formatted(holes));
      return;
    }
    Files.write(to, bytes, StandardOpenOption.APPEND);
    losses.add("  of which %,d more bytes remain".formatted(whole));
    if (remains == Remains.TORN_AND_DIRTY && isLog) {
      byte[] dirt = new byte[tail - whole];
      if (random.nextBoolean()) {
        random.nextBytes(dirt);
      }
      Files.write(to, dirt, StandardOpenOption.APPEND);
      losses.add("  followed by %,d bytes of dirt".formatted(dirt.length));
    }
  }

  /// @param start of these bytes in their file
  private static int punch(byte[] bytes, long start, Random random) {
    int holes = 0;
    for (long page = start / PAGE_BYTES; page * PAGE_BYTES < start + bytes.length; page++) {
      if (random.nextBoolean()) {
        int from = (int) Math.max(0, page * PAGE_BYTES - start);
        int to = (int) Math.min(bytes.length, (page + 1) * PAGE_BYTES - start);
        Arrays.fill(bytes, from, to, (byte) 0);
        holes++;
      }
    }
    return holes;
  }

  /// All that is there now is durable.
  private void adopt() throws IOException {
    erase(image);
    Files.createDirectories(image.resolve("files"));
    Files.createDirectories(image.resolve("dirs"));
    keep(watched);
  }

  private void keep(Path directory) throws IOException {
    Path entries = Files.createDirectory(image.resolve("dirs").resolve(inode(directory)));
    for (String name : names(directory)) {
      Path entry = directory.resolve(name);
      if (Files.isDirectory(entry)) {
        Files.createSymbolicLink(entries.resolve(name), Path.of(inode(entry)));
        keep(entry);
      } else {
        Path content = image.resolve("files").resolve(inode(entry));
        if (!Files.exists(content)) {
          Files.copy(entry, content);
        }
        Files.createLink(entries.resolve(name), content);
      }
    }
  }

  private static String inode(Path path) throws IOException {
    return String.valueOf(Files.getAttribute(path, "unix:ino"));
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static void erase(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
