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

  /// A change by the API, which is kept in the store.
  ///
  /// @param revision of the changes, as they stand
  /// @param key that was set, like `listeners` for `listeners.0.bind`
  record Api(long revision, String key) implements Origin {
    @Override
    public String toString() {
      return "API, revision " + revision;
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
