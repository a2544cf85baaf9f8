package io.relais.broker.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Users in a file with a line `user:$argon2id$...` for each, as `relais passwd` writes it; lines
/// of mosquitto_passwd hold too. A file that changed is read again at the next log-in, at most once
/// a second.
///
/// Owner: `users` is replaced as a whole; any thread that may read files.
public final class PasswordFile {
  private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path file;
  private volatile Map<String, String> users;
  private volatile FileTime modified;
  private volatile long lookedNanos = System.nanoTime();

  /// @throws IOException naming the file, and the line that is not `user:hash`
  public PasswordFile(Path file) throws IOException {
    this.file = file;
    this.modified = Files.getLastModifiedTime(file);
    this.users = read(file);
  }

  private static Map<String, String> read(Path file) throws IOException {
    Map<String, String> users = new HashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1 || !Passwords.looksLikeHash(line.substring(colon + 1))) {
        throw new IOException(
            file
                + " line "
                + number
                + ": expected `user:$argon2id$...` as `relais passwd` writes it");
      }
      users.put(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    return Map.copyOf(users);
  }

  /// @return null: no such user
  @Nullable String passwordHash(String username) {
    readAgain();
    return users.get(username);
  }

  Set<String> names() {
    readAgain();
    return users.keySet();
  }

  private void readAgain() {
    long now = System.nanoTime();
    if (now - lookedNanos < LOOK_AGAIN_NANOS) {
      return;
    }
    lookedNanos = now;
    try {
      FileTime time = Files.getLastModifiedTime(file);
      if (!time.equals(modified)) {
        users = read(file);
        modified = time;
        LOG.info("{} changed: {} users", file, users.size());
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read again, the users stay as they were: {}", file, e.toString());
    }
  }
}
