package io.relais.storage.table;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Tables on the heap, for tests and for nodes that are to keep nothing.
public final class HeapTables implements Tables {
  private final NavigableMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);

  @Override
  public boolean isDurable() {
    return false;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return entries.get(key);
  }

  @Override
  public Cursor cursor(byte[] from, byte[] below) {
    return new HeapCursor(entries, from, below);
  }

  @Override
  public void write(Writes writes, boolean sync) {
    var records = new ByteReader(writes.toByteArray(), Writes.HEADER);
    while (!records.isAtEnd()) {
      int tag = records.u1();
      byte[] key = records.sized();
      if (tag == Writes.PUT) {
        entries.put(key, records.sized());
      } else {
        entries.remove(key);
      }
    }
    writes.clear();
  }

  @Override
  public long usableBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public void checkpoint(Path into) {
    throw new StoreFailure("Nothing is kept on a disk (store: memory)");
  }

  @Override
  public void reclaim() {
    // the garbage collector does
  }

  @Override
  public void close() {
    entries.clear();
  }

  private static final class HeapCursor implements Cursor {
    private final NavigableMap<byte[], byte[]> entries;
    private final byte[] below;
    private Map.@Nullable Entry<byte[], byte[]> entry;

    HeapCursor(NavigableMap<byte[], byte[]> entries, byte[] from, byte[] below) {
      this.entries = entries;
      this.below = below;
      seek(from);
    }

    @Override
    public boolean isValid() {
      return entry != null && Arrays.compareUnsigned(entry.getKey(), below) < 0;
    }

    @Override
    public byte[] key() {
      return current().getKey();
    }

    @Override
    public byte[] value() {
      return current().getValue();
    }

    private Map.Entry<byte[], byte[]> current() {
      Map.Entry<byte[], byte[]> at = entry;
      if (at == null || !isValid()) {
        throw new IllegalStateException("The cursor stands behind the last key");
      }
      return at;
    }

    @Override
    public void next() {
      entry = entries.higherEntry(current().getKey());
    }

    @Override
    public void seek(byte[] key) {
      entry = entries.ceilingEntry(key);
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
