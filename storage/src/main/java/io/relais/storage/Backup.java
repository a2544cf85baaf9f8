package io.relais.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.relais.storage.table.StoreFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// A copy of a store as one zip file: `relais-backup` with the version of the format, the files of
/// the tables below `state/`, and `end`.
public final class Backup {
  private static final String HEAD = "relais-backup";
  private static final String HEAD_TEXT = "relais store format " + DataDirectory.FORMAT + "\n";
  private static final String STATE = "state/";
  private static final String END = "end";
  private static final int HEAD_BYTES_MAX = 200;
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9._-]+");

  private Backup() {}

  /// Writes a backup of a running node.
  ///
  /// @param folder in the data directory, not there; gone afterwards
  /// @param checkpoint makes it with the files of the tables in it
  public static void write(Path folder, Consumer<Path> checkpoint, OutputStream to)
      throws IOException {
    try {
      checkpoint.accept(folder);
      var zip = new ZipOutputStream(to);
      zip.setLevel(Deflater.BEST_SPEED);
      zip.putNextEntry(new ZipEntry(HEAD));
      zip.write(HEAD_TEXT.getBytes(US_ASCII));
      zip.closeEntry();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          zip.putNextEntry(new ZipEntry(STATE + file.getFileName()));
          Files.copy(file, zip);
          zip.closeEntry();
        }
      }
      zip.putNextEntry(new ZipEntry(END)); // a file that is cut short has none
      zip.closeEntry();
      zip.finish();
      zip.flush();
    } finally {
      DataDirectory.delete(folder);
    }
  }

  /// Fills a directory that is empty or missing with what a backup has, all of it or nothing.
  ///
  /// @throws IOException with a sentence
  public static void restore(InputStream from, Path into) throws IOException {
    try (DataDirectory directory = DataDirectory.openToFill(into)) {
      try {
        extract(from, directory.importing());
        directory.complete();
      } catch (ZipException e) {
        directory.deleteImport();
        throw new IOException("The backup is damaged: " + e.getMessage(), e);
      } catch (IOException | StoreFailure e) {
        directory.deleteImport();
        throw e;
      }
    }
  }

  private static void extract(InputStream from, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var zip = new ZipInputStream(from)) {
      ZipEntry head = zip.getNextEntry();
      if (head == null || !head.getName().equals(HEAD)) {
        throw new IOException("This is no backup of Relais: it does not begin with " + HEAD);
      }
      String said = new String(zip.readNBytes(HEAD_BYTES_MAX), US_ASCII);
      if (!said.equals(HEAD_TEXT)) {
        throw new IOException(
            "The backup has the format '%s', this version of Relais knows '%s'"
                .formatted(said.strip(), HEAD_TEXT.strip()));
      }
      boolean whole = false;
      for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
        String name = entry.getName();
        if (name.equals(END)) {
          whole = true;
          break;
        }
        String file = name.startsWith(STATE) ? name.substring(STATE.length()) : "";
        if (!FILE.matcher(file).matches() || file.startsWith("..")) {
          throw new IOException("The backup has a file that is none of a store: " + name);
        }
        Files.copy(zip, folder.resolve(file));
      }
      if (!whole) {
        throw new IOException("The backup is not whole: its end is missing");
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        DataDirectory.sync(file);
      }
    }
    DataDirectory.sync(folder);
  }
}
