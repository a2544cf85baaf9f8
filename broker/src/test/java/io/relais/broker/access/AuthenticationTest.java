package io.relais.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import io.relais.protocol.ProtocolVersion;
import io.relais.protocol.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    try (PasswordFile file = users("ann", "secret")) {
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
    try (PasswordFile file = users("ann", "secret")) {
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

    Assertions.assertThatThrownBy(() -> new PasswordFile(file, 1).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("users line 2")
        .hasMessageContaining("relais passwd")
        .hasMessageNotContaining("plain");
  }

  private PasswordFile users(String user, String password) throws IOException {
    return new PasswordFile(write(user, password), 1);
  }

  private Path write(String user, String password) throws IOException {
    String hash =
        Password.hash(password)
            .addRandomSalt(16)
            .with(Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID))
            .getResult();
    return Files.writeString(folder.resolve("passwords"), user + ":" + hash + "\n");
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
