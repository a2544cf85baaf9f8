package io.relais.cli;

/// A command cannot do its work. The message is a whole sentence for the user, without its full
/// stop.
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message);
  }
}
