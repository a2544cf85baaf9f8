package io.relais.storage.table;

/// A place among the keys of [Tables].
public interface Cursor extends AutoCloseable {
  /// Whether it stands at a key; false behind the last.
  boolean isValid();

  byte[] key();

  byte[] value();

  void next();

  /// Moves to the first key at or behind `key`.
  void seek(byte[] key);

  @Override
  void close();
}
