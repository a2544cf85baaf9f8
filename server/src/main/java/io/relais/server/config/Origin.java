package io.relais.server.config;

/// Where a value comes from.
public sealed interface Origin {

  /// Nobody said anything.
  record Standard() implements Origin {
    @Override
    public String toString() {
      return "default";
    }
  }

  /// Line and column count from 1.
  record InFile(String file, int line, int column) implements Origin {
    @Override
    public String toString() {
      return file + ":" + line + ":" + column;
    }
  }

  /// An environment variable.
  record Environment(String name) implements Origin {
    @Override
    public String toString() {
      return "environment " + name;
    }
  }

  /// A command-line option, as it was written.
  record Option(String text) implements Origin {
    @Override
    public String toString() {
      return text;
    }
  }
}
