package io.relais.cli.mosquitto;

import java.util.List;

/// A configuration that was taken over.
///
/// @param yaml the whole file
/// @param notes what has no counterpart, or means something else
public record Imported(String yaml, List<Note> notes) {
  public Imported {
    notes = List.copyOf(notes);
  }

  /// @param where file and line, or the file alone
  public record Note(String where, String text) {
    @Override
    public String toString() {
      return where + ": " + text;
    }
  }
}
