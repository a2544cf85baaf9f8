package io.relais.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// A file that only its owner may read, replaced as a whole: who reads it sees the old or the new
/// text, never a part.
final class PrivateFile {
  private PrivateFile() {}

  /// What is written into a file.
  interface Content {
    void writeTo(Writer out) throws IOException;
  }

  static void replace(Path file, String text) throws IOException {
    replace(file, out -> out.write(text));
  }

  static void replace(Path file, Content content) throws IOException {
    // Through a symbolic link, so that the link stays and its target is replaced.
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path folder = target.getParent();
    Path fresh =
        Files.createTempFile(
            folder,
            "." + target.getFileName(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        var out = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
