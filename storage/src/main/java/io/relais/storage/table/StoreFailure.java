package io.relais.storage.table;

/// The store cannot be read or written. What was to be written may be there or not; the process
/// must acknowledge nothing any more.
public final class StoreFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreFailure(String message) {
    super(message);
  }

  public StoreFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
