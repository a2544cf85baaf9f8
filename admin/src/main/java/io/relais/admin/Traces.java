package io.relais.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.api.Json;
import io.relais.api.Trace;
import io.relais.broker.Administration;
import io.relais.broker.TimelineEntry;
import io.relais.broker.Watch;
import io.relais.broker.access.AddressRange;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recordings of what clients do: each a file of JSON lines in the folder `traces` of the data
/// folder, readable by its owner only, and a document that says what it is. With `store: memory`
/// they are on the heap.
///
/// Owner: its lock for what there is; each recording has a virtual thread that writes. Limits:
/// [#KEPT_MAX] recordings, [#RUNNING_MAX] at a time, each of [#BYTES_MAX] at most; they are removed
/// [#KEPT] after their end.
final class Traces implements AutoCloseable {
  static final int KEPT_MAX = 20;
  static final int RUNNING_MAX = 5;
  static final long BYTES_MAX = 256L << 20;
  static final long HEAP_BYTES_MAX = 1 << 20;
  static final Duration KEPT = Duration.ofDays(7);
  static final String RUNNING = "running";

  private static final Logger LOG = LoggerFactory.getLogger(Traces.class);
  private static final String FINISHED = "finished";
  private static final String SUFFIX = ".jsonl";
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int BUFFER_BYTES = 64 * 1024;

  /// One that is being written.
  ///
  /// Owner: its thread, but for the volatile fields, which others read.
  private final class Recording implements Runnable {
    final Trace begun;
    final Watch watch;
    final WaitingEntries waiting = new WaitingEntries();
    final OutputStream out;
    final long endsNanos;
    final Thread thread;
    volatile long entries;
    volatile long bytes;
    volatile @Nullable String stopped;

    Recording(Trace begun, OutputStream out) {
      this.begun = begun;
      this.out = out;
      this.endsNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(begun.seconds());
      String range = begun.address();
      this.watch =
          new Watch(
              begun.clientId(),
              begun.username(),
              range == null ? null : AddressRange.parse(range),
              begun.topic(),
              begun.payloadBytes(),
              waiting);
      this.thread = Thread.ofVirtual().name("relais-trace-" + begun.name()).unstarted(this);
    }

    @Override
    public void run() {
      String endedBy = "disk";
      try (out) {
        endedBy = write();
      } catch (IOException | InterruptedException e) {
        LOG.warn("The trace '{}' cannot be written: {}", begun.name(), e.toString());
      } finally {
        finish(this, endedBy);
      }
    }

    private String write() throws IOException, InterruptedException {
      for (long left; (left = endsNanos - System.nanoTime()) > 0; ) {
        String reason = stopped;
        if (reason != null) {
          return reason;
        }
        if (broker.isDiskFull()) {
          return "disk";
        }
        TimelineEntry entry = waiting.next(Math.min(left, LOOK_NANOS));
        if (entry == null) {
          continue;
        }
        byte[] line =
            (Json.MAPPER.writeValueAsString(WaitingEntries.told(entry, begun.payloadBytes()))
                    + "\n")
                .getBytes(UTF_8);
        if (bytes + line.length > begun.maxBytes()) {
          return "size";
        }
        out.write(line);
        count(line.length);
        if (waiting.isEmpty()) {
          out.flush();
        }
      }
      return "time";
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void count(int more) {
      entries++;
      bytes += more;
    }

    void stop(String why) {
      stopped = why;
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    Trace now(String state, @Nullable Instant endedAt, @Nullable String endedBy) {
      return with(begun, state, endedAt, endedBy, entries, bytes, waiting.dropped());
    }
  }

  private final Administration broker;
  private final Shelf<Trace> shelf;
  private final @Nullable Path folder;
  private final Map<String, Recording> running = new ConcurrentHashMap<>();
  private final Map<String, ByteArrayOutputStream> onHeap = new ConcurrentHashMap<>();

  /// @param data folder of the node; null: nothing is kept on disk
  Traces(Administration broker, @Nullable Path data) {
    this.broker = broker;
    this.shelf = new Shelf<>(broker, "traces", Trace.class);
    this.folder = data == null ? null : data.resolve("traces");
    restore();
  }

  /// Those that ran when the node ended are finished; what has no document, or no file, goes.
  private void restore() {
    for (String name : List.copyOf(shelf.ids())) {
      Trace trace = shelf.get(name);
      Path file = file(name);
      if (trace == null) {
        continue;
      }
      if (file == null || !Files.exists(file)) {
        shelf.drop(name);
      } else if (trace.state().equals(RUNNING)) {
        shelf.put(name, ended(trace, file));
      }
    }
    Path there = folder;
    if (there == null || !Files.isDirectory(there)) {
      return;
    }
    try (Stream<Path> files = Files.list(there)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName()).replace(SUFFIX, "");
        if (!shelf.ids().contains(name)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("Traces of before cannot be tidied up in {}: {}", there, e.toString());
    }
  }

  private static Trace ended(Trace trace, Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return with(
          trace,
          FINISHED,
          Files.getLastModifiedTime(file).toInstant(),
          "node",
          lines.count(),
          Files.size(file),
          trace.dropped());
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("The trace {} cannot be read: {}", file, e.toString());
      return with(trace, FINISHED, trace.startedAt(), "node", 0, 0, trace.dropped());
    }
  }

  private static Trace with(
      Trace trace,
      String state,
      @Nullable Instant endedAt,
      @Nullable String endedBy,
      long entries,
      long bytes,
      long dropped) {
    return new Trace(
        trace.name(),
        trace.clientId(),
        trace.username(),
        trace.address(),
        trace.topic(),
        trace.seconds(),
        trace.maxBytes(),
        trace.payloadBytes(),
        state,
        trace.startedAt(),
        endedAt,
        endedBy,
        entries,
        bytes,
        dropped,
        trace.by());
  }

  private @Nullable Path file(String name) {
    return folder == null ? null : folder.resolve(name + SUFFIX);
  }

  /// The most bytes that a recording may have here.
  long bytesMax() {
    return folder == null ? HEAP_BYTES_MAX : BYTES_MAX;
  }

  /// Begins to record.
  synchronized void start(Trace trace) throws IOException {
    String name = trace.name();
    if (shelf.get(name) != null) {
      throw Failure.conflict("There is a trace '" + name + "' already");
    }
    if (running.size() >= RUNNING_MAX) {
      throw Failure.conflict(RUNNING_MAX + " traces are running; wait for one, or stop one");
    }
    if (shelf.size() >= KEPT_MAX) {
      throw Failure.conflict(KEPT_MAX + " traces are kept; delete one that is done with");
    }
    var recording = new Recording(trace, open(name));
    try {
      shelf.put(name, trace);
    } catch (RuntimeException e) {
      forget(name, recording.out);
      throw e;
    }
    running.put(name, recording);
    recording.thread.start();
    var _ = Answers.await(broker.watch(recording.watch));
  }

  /// What was begun and is not kept.
  private void forget(String name, OutputStream out) throws IOException {
    out.close();
    onHeap.remove(name);
    Path file = file(name);
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  private OutputStream open(String name) throws IOException {
    Path there = folder;
    if (there == null) {
      var memory = new ByteArrayOutputStream();
      onHeap.put(name, memory);
      return memory;
    }
    boolean posix = Files.getFileStore(parent(there)).supportsFileAttributeView("posix");
    Files.createDirectories(there, attributes(posix, "rwx------"));
    Path file = Files.createFile(there.resolve(name + SUFFIX), attributes(posix, "rw-------"));
    return new BufferedOutputStream(
        Files.newOutputStream(file, StandardOpenOption.WRITE), BUFFER_BYTES);
  }

  private static Path parent(Path folder) {
    Path parent = folder.getParent();
    return parent == null ? folder : parent;
  }

  private static FileAttribute<?>[] attributes(boolean posix, String permissions) {
    Set<PosixFilePermission> wanted = PosixFilePermissions.fromString(permissions);
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(wanted)}
        : new FileAttribute<?>[0];
  }

  private void finish(Recording recording, String endedBy) {
    var _ = broker.unwatch(recording.watch);
    String name = recording.begun.name();
    if (!endedBy.equals("removed")) {
      try {
        shelf.put(
            name, recording.now(FINISHED, Instant.now().truncatedTo(ChronoUnit.MILLIS), endedBy));
      } catch (Failure e) {
        LOG.debug("The end of the trace '{}' is not noted down: {}", name, e.getMessage());
      }
    }
    running.remove(name, recording);
  }

  NavigableSet<String> names() {
    return shelf.ids();
  }

  @Nullable Trace get(String name) {
    Recording recording = running.get(name);
    return recording == null ? shelf.get(name) : recording.now(RUNNING, null, null);
  }

  /// What was recorded until now, as lines of JSON; null: there is no such trace.
  @Nullable InputStream read(String name) throws IOException {
    if (get(name) == null) {
      return null;
    }
    Path file = file(name);
    if (file != null) {
      return Files.newInputStream(file);
    }
    ByteArrayOutputStream memory = onHeap.get(name);
    return memory == null ? null : new ByteArrayInputStream(memory.toByteArray());
  }

  /// Ends it, if it runs, and keeps what was recorded.
  ///
  /// @return how it is then; null: there is none
  synchronized @Nullable Trace stop(String name) {
    Recording recording = running.get(name);
    if (recording != null) {
      recording.stop("stopped");
    }
    return get(name);
  }

  /// Ends it, if it runs, and forgets it.
  ///
  /// @return what there was; null: nothing
  synchronized @Nullable Trace remove(String name) throws IOException {
    Recording recording = running.get(name);
    if (recording != null) {
      recording.stop("removed");
    }
    Trace before = recording == null ? shelf.get(name) : recording.now(RUNNING, null, null);
    if (before == null) {
      return null;
    }
    Path file = file(name);
    if (file != null) {
      Files.deleteIfExists(file);
    }
    onHeap.remove(name);
    shelf.drop(name);
    return before;
  }

  /// Removes those that ended long ago.
  void sweep(Instant now) {
    List<String> old = new ArrayList<>();
    for (String name : names()) {
      Trace trace = get(name);
      Instant ended = trace == null ? null : trace.endedAt();
      if (ended != null && ended.plus(KEPT).isBefore(now)) {
        old.add(name);
      }
    }
    for (String name : old) {
      try {
        var _ = remove(name);
      } catch (IOException e) {
        LOG.warn("The trace '{}' cannot be removed: {}", name, e.toString());
      }
    }
  }

  @Override
  public void close() {
    running.values().forEach(recording -> recording.stop("node"));
  }
}
