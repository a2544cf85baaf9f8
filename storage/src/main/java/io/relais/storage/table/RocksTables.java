package io.relais.storage.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileManager;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// Tables in RocksDB, whose write-ahead log makes a synced write durable.
///
/// Owner: the applier, but for [#reclaim], whose work is done by a thread of its own, and
/// [#checkpoint], which any thread may call. Limits: native memory is the cache and two write
/// buffers; merging files takes up to [#MERGED_BUFFERS] write buffers of the disk for a while,
/// which [#usableBytes] leaves out.
public final class RocksTables implements Tables {
  private static final long WRITE_BUFFER_MAX = 64L << 20;
  private static final long WRITE_BUFFER_MIN = 2L << 20;

  private static final double WRITE_BUFFER_BLOOM = 0.02; // of a write buffer

  // In write buffers. Four files of the first level are merged with the level below, which is
  // as large, while one more of each is written; other merges are bounded by the whole.
  private static final int LEVEL_BASE_BUFFERS = 4;
  private static final int MERGED_BUFFERS = 12;

  // What has not been merged then stays as it is, since too many files would stop writes.
  private static final int NEW_FILES_MAX = 16;

  private final Path folder;
  private final long writeBufferBytes;
  private final SstFileManager files;
  private final LRUCache cache;
  private final BloomFilter bloom;
  private final Options options;
  private final RocksDB db;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);
  private final ReadOptions reads = new ReadOptions();
  private final AtomicBoolean reclaiming = new AtomicBoolean();
  private @Nullable Thread reclaimer;
  private final Object copying = new Object(); // a copy in progress is not closed under
  private boolean closed;

  private RocksTables(
      Path folder,
      long writeBufferBytes,
      SstFileManager files,
      LRUCache cache,
      BloomFilter bloom,
      Options options,
      RocksDB db) {
    this.folder = folder;
    this.writeBufferBytes = writeBufferBytes;
    this.files = files;
    this.cache = cache;
    this.bloom = bloom;
    this.options = options;
    this.db = db;
  }

  /// Opens what lies in a folder, or makes it.
  ///
  /// @param cacheBytes for blocks that were read
  /// @throws StoreFailure if it cannot be read
  public static RocksTables open(Path folder, long cacheBytes) {
    return open(folder, cacheBytes, false);
  }

  /// Opens what lies in a folder to read it, and changes nothing there.
  public static RocksTables openToRead(Path folder, long cacheBytes) {
    return open(folder, cacheBytes, true);
  }

  private static RocksTables open(Path folder, long cacheBytes, boolean toRead) {
    RocksDB.loadLibrary();
    var cache = new LRUCache(cacheBytes);
    var bloom = new BloomFilter(10);
    long writeBufferBytes = writeBufferBytes(folder);
    SstFileManager files = fileManager(folder);
    Options options =
        options(cache, bloom, writeBufferBytes)
            .setSstFileManager(files)
            .setCreateIfMissing(!toRead);
    try {
      RocksDB db =
          toRead
              ? RocksDB.openReadOnly(options, folder.toString())
              : RocksDB.open(options, folder.toString());
      return new RocksTables(folder, writeBufferBytes, files, cache, bloom, options, db);
    } catch (RocksDBException e) {
      options.close();
      files.close();
      bloom.close();
      cache.close();
      throw new StoreFailure("Cannot open the store in " + folder + ": " + e.getMessage(), e);
    }
  }

  /// A write buffer and the log behind it must not fill a small disk.
  private static long writeBufferBytes(Path folder) {
    try {
      Files.createDirectories(folder);
      long total = Files.getFileStore(folder).getTotalSpace();
      return Math.clamp(total / 32, WRITE_BUFFER_MIN, WRITE_BUFFER_MAX);
    } catch (IOException e) {
      throw new StoreFailure("Cannot use the folder " + folder + ": " + e.getMessage(), e);
    }
  }

  /// It knows the size of all files, and begins no merge that would not fit on the disk.
  private static SstFileManager fileManager(Path folder) {
    try {
      return new SstFileManager(Env.getDefault());
    } catch (RocksDBException e) {
      throw new StoreFailure("Cannot open the store in " + folder + ": " + e.getMessage(), e);
    }
  }

  private static Options options(LRUCache cache, BloomFilter bloom, long writeBufferBytes) {
    var table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(bloom)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setFormatVersion(5);
    CompressionType none = CompressionType.NO_COMPRESSION;
    CompressionType lz4 = CompressionType.LZ4_COMPRESSION;
    return new Options()
        .setTableFormatConfig(table)
        .setWriteBufferSize(writeBufferBytes)
        .setMaxWriteBufferNumber(2)
        // Most of what is looked for before it is written is not there: a new topic, a new id.
        .setMemtableWholeKeyFiltering(true)
        .setMemtablePrefixBloomSizeRatio(WRITE_BUFFER_BLOOM)
        .setTargetFileSizeBase(writeBufferBytes)
        .setMaxBytesForLevelBase(LEVEL_BASE_BUFFERS * writeBufferBytes)
        .setMaxCompactionBytes(MERGED_BUFFERS * writeBufferBytes)
        .setCompressionPerLevel(List.of(none, none, lz4, lz4, lz4, lz4, lz4))
        .setLevelCompactionDynamicLevelBytes(true)
        .setMaxBackgroundJobs(2)
        .setMaxOpenFiles(512)
        .setParanoidChecks(true)
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery) // LogCheck looked before
        .setRecycleLogFileNum(0) // LogCheck reads the plain form
        .setAllowConcurrentMemtableWrite(false) // there is one writer
        .setEnableWriteThreadAdaptiveYield(false)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setSkipStatsUpdateOnDbOpen(true)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2)
        .setMaxLogFileSize(1 << 20);
  }

  @Override
  public boolean isDurable() {
    return true;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    try {
      return db.get(reads, key);
    } catch (RocksDBException e) {
      throw failure("read", e);
    }
  }

  @Override
  public Cursor cursor(byte[] from, byte[] below) {
    return new RocksCursor(from, below);
  }

  @Override
  public void write(Writes writes, boolean sync) {
    try (var batch = new WriteBatch(writes.toByteArray())) {
      db.write(sync ? synced : unsynced, batch);
    } catch (RocksDBException e) {
      throw failure("write", e);
    }
    writes.clear();
  }

  private StoreFailure failure(String what, RocksDBException e) {
    return new StoreFailure(
        "Cannot %s the store in %s: %s".formatted(what, folder, e.getMessage()), e);
  }

  @Override
  public long usableBytes() {
    long free = folder.toFile().getUsableSpace();
    long stored = files.getTotalSize();
    long toFlush = number("rocksdb.cur-size-all-mem-tables");
    // The log needs room while a write buffer is written.
    files.setMaxAllowedSpaceUsage(Math.max(1, stored + free - 2 * writeBufferBytes));
    return free - toFlush - toMerge(stored);
  }

  private long toMerge(long stored) {
    return Math.min(stored, MERGED_BUFFERS * writeBufferBytes);
  }

  private long number(String property) {
    try {
      return Long.parseLong(db.getProperty(property));
    } catch (RocksDBException e) {
      throw failure("read", e);
    }
  }

  @Override
  public void reclaim() {
    boolean isStuck =
        number("rocksdb.num-files-at-level0") > NEW_FILES_MAX
            && folder.toFile().getUsableSpace() < toMerge(files.getTotalSize());
    if (isStuck || !reclaiming.compareAndSet(false, true)) {
      return;
    }
    reclaimer =
        Thread.ofPlatform()
            .name("relais-reclaim")
            .daemon()
            .start(
                () -> {
                  try (var flush = new FlushOptions().setWaitForFlush(true);
                      var compact = new CompactRangeOptions()) {
                    db.flush(flush);
                    db.compactRange(null, null, null, compact);
                  } catch (RocksDBException e) {
                    // The next write meets the same failure and ends the process.
                    System.getLogger(RocksTables.class.getName())
                        .log(System.Logger.Level.WARNING, "Space was not reclaimed", e);
                  } finally {
                    reclaiming.set(false);
                  }
                });
  }

  /// Files that do not change any more are linked, so that it costs little space and time.
  @Override
  public void checkpoint(Path into) {
    synchronized (copying) {
      if (closed) {
        throw new StoreFailure("The store is being closed");
      }
      try (Checkpoint checkpoint = Checkpoint.create(db)) {
        checkpoint.createCheckpoint(into.toString());
      } catch (RocksDBException e) {
        throw failure("copy", e);
      }
    }
  }

  /// Reads every file and compares its checksums.
  ///
  /// @throws StoreFailure naming the file that is damaged
  public void verify() {
    try {
      db.verifyChecksum();
    } catch (RocksDBException e) {
      throw failure("verify", e);
    }
  }

  @Override
  public void close() {
    synchronized (copying) {
      closed = true;
    }
    Thread working = reclaimer;
    if (working != null) {
      db.cancelAllBackgroundWork(true);
      try {
        working.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    reads.close();
    synced.close();
    unsynced.close();
    db.close();
    options.close();
    files.close();
    bloom.close();
    cache.close();
  }

  private final class RocksCursor implements Cursor {
    private final Slice below;
    private final ReadOptions bounds;
    private final RocksIterator iterator;

    RocksCursor(byte[] from, byte[] below) {
      this.below = new Slice(below);
      this.bounds = new ReadOptions().setIterateUpperBound(this.below);
      this.iterator = db.newIterator(bounds);
      seek(from);
    }

    @Override
    public boolean isValid() {
      return iterator.isValid();
    }

    @Override
    public byte[] key() {
      return iterator.key();
    }

    @Override
    public byte[] value() {
      return iterator.value();
    }

    @Override
    public void next() {
      iterator.next();
      check();
    }

    @Override
    public void seek(byte[] key) {
      iterator.seek(key);
      check();
    }

    private void check() {
      if (iterator.isValid()) {
        return;
      }
      try {
        iterator.status();
      } catch (RocksDBException e) {
        throw failure("read", e);
      }
    }

    @Override
    public void close() {
      iterator.close();
      bounds.close();
      below.close();
    }
  }
}
