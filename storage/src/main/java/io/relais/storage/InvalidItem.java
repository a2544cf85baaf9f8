package io.relais.storage;

/// An item cannot be part of a store, or not at this place. The message is a sentence that says
/// what would be right.
public final class InvalidItem extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidItem(String message) {
    super(message);
  }
}
