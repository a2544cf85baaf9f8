package io.relais.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import io.relais.storage.Command;
import io.relais.storage.State;
import io.relais.storage.table.HeapTables;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationTest {
  @TempDir Path folder;

  @Test
  void without_sources_credentials_are_ignored_and_name_nobody() throws Exception {
    var none = new Authentication(List.of());

    assertThat(ask(none, true, "ann", "anything")).isEqualTo(new Answer.Accept(null));
    assertThat(ask(none, true, null, null)).isEqualTo(new Answer.Accept(null));
  }

  @Test
  void anonymous_is_refused_as_not_authorized_where_the_listener_says_so() throws Exception {
    assertThat(reason(ask(new Authentication(List.of()), false, null, null)))
        .isEqualTo(ReasonCode.NOT_AUTHORIZED);
    assertThat(reason(ask(new Authentication(List.of()), false, "ann", "x")))
        .isEqualTo(ReasonCode.NOT_AUTHORIZED);
  }

  @Test
  void with_users_the_right_password_is_accepted_and_any_other_refused_even_where_anonymous_may()
      throws Exception {
    try (var passwords = new Passwords(1)) {
      BuiltInUsers file = users("ann", "secret", passwords);
      var chain = new Authentication(List.of(file));

      assertThat(ask(chain, true, "ann", "secret")).isEqualTo(new Answer.Accept("ann"));
      for (String[] wrong :
          new String[][] {{"ann", "Secret"}, {"ann", ""}, {"bob", "secret"}, {"ann", null}}) {
        assertThat(reason(ask(chain, true, wrong[0], wrong[1])))
            .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
      }
      assertThat(ask(chain, true, null, null)).isEqualTo(new Answer.Accept(null));
      assertThat(reason(ask(chain, false, null, null))).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }
  }

  @Test
  void a_file_that_changed_counts_for_later_log_ins() throws Exception {
    try (var passwords = new Passwords(1)) {
      BuiltInUsers file = users("ann", "secret", passwords);
      var chain = new Authentication(List.of(file));
      ask(chain, true, "ann", "secret");

      write("bob", "word");

      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      Answer answer = ask(chain, true, "bob", "word");
      while (!(answer instanceof Answer.Accept) && System.nanoTime() < deadline) {
        answer = ask(chain, true, "bob", "word");
      }
      assertThat(answer).isEqualTo(new Answer.Accept("bob"));
      assertThat(reason(ask(chain, true, "ann", "secret")))
          .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }
  }

  @Test
  void a_line_that_is_no_user_is_named_with_its_number() throws Exception {
    Path file = folder.resolve("users");
    Files.writeString(file, "# users\nann:plain\n");

    Assertions.assertThatThrownBy(() -> new PasswordFile(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("users line 2")
        .hasMessageContaining("relais passwd")
        .hasMessageNotContaining("plain");
  }

  @Test
  void a_stored_user_makes_wrong_credentials_refused_from_its_first_moment_to_its_last()
      throws Exception {
    State state = State.open(new HeapTables(), new NoEffects(), restored -> {});
    try (var passwords = new Passwords(1)) {
      var users = new BuiltInUsers(null, state.users(), passwords);
      var chain = new Authentication(List.of(users));
      Answer before = ask(chain, true, "bob", "any");
      state.apply(new Command.PutUser("ann", hash("secret")), 1);

      Answer right = ask(chain, true, "ann", "secret");
      Answer wrong = ask(chain, true, "ann", "any");
      Answer unknown = ask(chain, true, "bob", "any");
      Answer anonymous = ask(chain, true, null, null);
      state.apply(new Command.DropUser("ann"), 1);

      assertThat(before).isEqualTo(new Answer.Accept(null));
      assertThat(right).isEqualTo(new Answer.Accept("ann", Grant.STORED_USER));
      assertThat(reason(wrong)).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
      assertThat(reason(unknown)).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
      assertThat(anonymous).isEqualTo(new Answer.Accept(null));
      assertThat(ask(chain, true, "ann", "any")).isEqualTo(new Answer.Accept(null));
    }
  }

  @Test
  void users_of_the_file_and_of_the_state_log_in_side_by_side_and_the_file_comes_first()
      throws Exception {
    State state = State.open(new HeapTables(), new NoEffects(), restored -> {});
    state.apply(new Command.PutUser("ann", hash("stored")), 1);
    state.apply(new Command.PutUser("bob", hash("bobs")), 1);
    try (var passwords = new Passwords(1)) {
      var file = new PasswordFile(write("ann", "filed"));
      var users = new BuiltInUsers(file, state.users(), passwords);
      var chain = new Authentication(List.of(users));

      assertThat(ask(chain, true, "bob", "bobs"))
          .isEqualTo(new Answer.Accept("bob", Grant.STORED_USER));
      assertThat(ask(chain, true, "ann", "filed")).isEqualTo(new Answer.Accept("ann"));
      assertThat(reason(ask(chain, true, "ann", "stored")))
          .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }
  }

  @Test
  void a_stored_hash_that_cannot_be_read_lets_nobody_in() throws Exception {
    State state = State.open(new HeapTables(), new NoEffects(), restored -> {});
    state.apply(new Command.PutUser("ann", "plain"), 1);
    try (var passwords = new Passwords(1)) {
      var users = new BuiltInUsers(null, state.users(), passwords);
      var chain = new Authentication(List.of(users));

      assertThat(reason(ask(chain, true, "ann", "plain")))
          .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }
  }

  /// What `mosquitto_passwd -H sha512` and `mosquitto_passwd` of 2.0.11 made.
  private static final String SHA_512 =
      "$6$PGdZcGsxTLCTTda2$DK9TTb/RBZWWLycaL8AxGmrpkIEfazK4v6DbMEI9X+lLtjN73jNqnR7S/ev2Gl6UMpiCZp3mg+YkCuMRTTsqMg==";

  private static final String PBKDF2 =
      "$7$101$F3xSHEw7lodzapnk$AkZC9jcab42hhEhLVApMWFBMySKk8vakI47SqOiGDqGCw9hb7OlQh0J9bvFStgJXpylDQnkcwDwaUOragZZD9g==";

  @Test
  void hashes_of_mosquitto_are_checked_and_those_of_the_state_renewed_once_the_password_is_right()
      throws Exception {
    State state = State.open(new HeapTables(), new NoEffects(), restored -> {});
    state.apply(new Command.PutUser("ann", SHA_512), 1);
    state.apply(new Command.PutUser("bob", PBKDF2), 1);
    var renewed = new LinkedBlockingQueue<Command.ChangeUser>();
    try (var passwords = new Passwords(1)) {
      var users = new BuiltInUsers(null, state.users(), passwords);
      users.renewHashesBy(
          (n, old, made) -> renewed.add(new Command.ChangeUser(n, old, made, null)));
      var chain = new Authentication(List.of(users));

      assertThat(reason(ask(chain, true, "ann", "bobspass")))
          .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
      assertThat(renewed).isEmpty();
      for (String name : List.of("ann", "bob")) {
        assertThat(ask(chain, true, name, name + "spass")).isInstanceOf(Answer.Accept.class);
        Command.ChangeUser change =
            Objects.requireNonNull(renewed.poll(20, TimeUnit.SECONDS), "no new hash");
        assertThat(change.username()).isEqualTo(name);
        assertThat(change.passwordHash()).startsWith("$argon2id$");
        state.apply(change, 1);
        assertThat(ask(chain, true, name, name + "spass")).isInstanceOf(Answer.Accept.class);
        assertThat(reason(ask(chain, true, name, "other")))
            .isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
      }
    }
    assertThat(renewed).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain|does not begin with $argon2id$, $7$ or $6$",
        "$6$c2FsdA==|is not $6$SALT$HASH",
        "$7$c2FsdA==$eA==|is not $7$ITERATIONS$SALT$HASH",
        "$7$0$c2FsdA==$eA==|has no number of iterations from 1 to 1000000",
        "$7$999999999$c2FsdA==$eA==|has no number of iterations from 1 to 1000000",
        "$6$c2FsdA==$eA==|has a hash of 1 bytes, and SHA-512 gives 64",
        "$6$?$eA==|has a part that is no Base64",
        "$argon2id$nonsense|is no hash of Argon2id",
        "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g|asks for more than 262144 KiB",
      })
  void a_hash_that_cannot_be_checked_is_known_without_a_password(String hash, String problem) {
    assertThat(Passwords.problemWithHash(hash)).startsWith(problem);
  }

  @Test
  void a_password_file_may_hold_hashes_of_mosquitto() throws Exception {
    Path file = Files.writeString(folder.resolve("mosquitto"), "bob:" + PBKDF2 + "\n");
    State empty = State.open(new HeapTables(), new NoEffects(), restored -> {});
    try (var passwords = new Passwords(1)) {
      var users = new BuiltInUsers(new PasswordFile(file), empty.users(), passwords);

      assertThat(ask(new Authentication(List.of(users)), true, "bob", "bobspass"))
          .isEqualTo(new Answer.Accept("bob"));
    }
  }

  private BuiltInUsers users(String user, String password, Passwords passwords) throws IOException {
    State empty = State.open(new HeapTables(), new NoEffects(), restored -> {});
    return new BuiltInUsers(new PasswordFile(write(user, password)), empty.users(), passwords);
  }

  private Path write(String user, String password) throws IOException {
    return Files.writeString(folder.resolve("passwords"), user + ":" + hash(password) + "\n");
  }

  private static String hash(String password) {
    return Password.hash(password)
        .addRandomSalt(16)
        .with(Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID))
        .getResult();
  }

  private static @Nullable ReasonCode reason(Answer answer) {
    return answer instanceof Answer.Refuse(ReasonCode reason, String _) ? reason : null;
  }

  private static Answer ask(
      Authentication chain,
      boolean anonymousAllowed,
      @Nullable String username,
      @Nullable String password)
      throws Exception {
    var client =
        new Client(
            "c",
            null,
            ProtocolVersion.MQTT_5,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
            null,
            "test",
            anonymousAllowed);
    var answer = new CompletableFuture<Answer>();
    chain.authenticate(
        client,
        username,
        password == null ? null : password.getBytes(StandardCharsets.UTF_8),
        answer::complete);
    return answer.get(10, TimeUnit.SECONDS);
  }
}
