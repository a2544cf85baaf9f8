package io.relais.server;

import io.relais.broker.access.Authentication;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.BuiltInUsers;
import io.relais.broker.access.PasswordFile;
import io.relais.broker.access.Passwords;
import io.relais.server.config.AuthenticationConfiguration;
import io.relais.storage.Users;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sources of authentication, which follow the configuration. Replaced ones are closed a little
/// later, so that log-ins under way get their answer.
///
/// Owner: changed by one thread at a time.
final class AuthenticationSources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthenticationSources.class);
  private static final Duration UNTIL_CLOSED = Duration.ofSeconds(30);

  /// What a configuration came to.
  private record Opened(
      @Nullable PasswordFile file,
      List<AuthenticationSource> following,
      List<AutoCloseable> closeables) {

    static Opened of(AuthenticationConfiguration configuration) throws IOException {
      List<AutoCloseable> closeables = new ArrayList<>();
      Path path = configuration.passwordFile();
      PasswordFile file = path == null ? null : new PasswordFile(path);
      try {
        return new Opened(file, FollowingSources.open(configuration, closeables), closeables);
      } catch (IOException | RuntimeException e) {
        Relais.closeAll(closeables);
        throw e;
      }
    }
  }

  private final List<AuthenticationSource> first;
  private final Passwords passwords;
  private final List<Thread> retiring = new ArrayList<>();
  private Opened opened;
  private @Nullable BuiltInUsers users;
  private @Nullable Authentication authentication;

  /// @param first asked before those of the configuration
  /// @throws IOException naming the file that is in the way
  AuthenticationSources(
      List<AuthenticationSource> first,
      Passwords passwords,
      AuthenticationConfiguration configuration)
      throws IOException {
    this.first = first;
    this.passwords = passwords;
    this.opened = Opened.of(configuration);
  }

  /// With the users of the state; once.
  Authentication begin(Users stored) {
    users = new BuiltInUsers(opened.file, stored, passwords, !opened.following.isEmpty());
    authentication = new Authentication(all(users, opened));
    return authentication;
  }

  private List<AuthenticationSource> all(BuiltInUsers builtIn, Opened from) {
    List<AuthenticationSource> all = new ArrayList<>(first);
    all.add(builtIn);
    all.addAll(from.following);
    return all;
  }

  BuiltInUsers users() {
    if (users == null) {
      throw new IllegalStateException("The sources are asked for users before the state is open");
    }
    return users;
  }

  /// Sources that are opened and not asked yet.
  final class Prepared {
    private final @Nullable Opened next;

    private Prepared(@Nullable Opened next) {
      this.next = next;
    }

    void use() {
      if (next == null || authentication == null) {
        return;
      }
      Opened before = opened;
      opened = next;
      users().change(next.file, !next.following.isEmpty());
      authentication.change(all(users(), next));
      retire(before.closeables);
    }

    void discard() {
      if (next != null) {
        Relais.closeAll(next.closeables);
      }
    }
  }

  /// @throws IOException naming the file that is in the way; nothing has changed then
  Prepared prepare(AuthenticationConfiguration from, AuthenticationConfiguration to)
      throws IOException {
    return new Prepared(from.equals(to) ? null : Opened.of(to));
  }

  private void retire(List<AutoCloseable> old) {
    retiring.removeIf(thread -> !thread.isAlive());
    if (old.isEmpty()) {
      return;
    }
    retiring.add(
        Thread.ofVirtual()
            .name("relais-retiring-sources")
            .start(
                () -> {
                  try {
                    Thread.sleep(UNTIL_CLOSED);
                  } catch (InterruptedException e) {
                    LOG.debug("Sources of before are closed at once, since the node ends");
                  }
                  Relais.closeAll(old);
                }));
  }

  @Override
  public void close() {
    retiring.forEach(Thread::interrupt);
    Relais.closeAll(opened.closeables);
  }
}
