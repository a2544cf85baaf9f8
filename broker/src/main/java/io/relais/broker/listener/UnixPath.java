package io.relais.broker.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of a Unix domain socket. It outlives a process that is killed, so one that nobody
/// answers on is removed before binding.
///
/// Owner: whoever binds and closes the listener.
final class UnixPath {
  private static final Logger LOG = LoggerFactory.getLogger(UnixPath.class);

  private final Path path;
  private @Nullable Object fileKey;

  UnixPath(Path path) {
    this.path = path;
  }

  /// @throws IOException if something lives there, or if it is no socket
  void clear() throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException _) {
      return;
    }
    if (!attributes.isOther()) {
      throw new IOException("there is a file of that name which is no socket");
    }
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      throw new IOException(
          "the socket is in use by a live process"
              + (probe.isConnected() ? ", which answers" : ""));
    } catch (ConnectException _) { // refused: its process is gone
      Files.delete(path);
      LOG.info("{} was left behind by a process that is gone, and is removed", path);
    }
  }

  /// Once bound: for the user and the group, nobody else.
  void restrict() throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    fileKey = key();
  }

  private Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /// Unless another process has put its own there meanwhile.
  void remove() {
    try {
      if (Objects.equals(fileKey, key())) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone already", path, e);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", path, e.toString());
    }
  }
}
