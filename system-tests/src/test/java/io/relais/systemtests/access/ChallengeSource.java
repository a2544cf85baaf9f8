package io.relais.systemtests.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.relais.broker.access.Answer;
import io.relais.broker.access.AuthenticationSource;
import io.relais.broker.access.Client;
import io.relais.protocol.ReasonCode;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Knows two users, each by a password and by a method of two steps: the client names itself, gets
/// a challenge that no other exchange has, and answers with [#response]. What it says comes from a
/// thread of its own, never from the asking one.
///
/// Owner: any thread.
final class ChallengeSource implements AuthenticationSource {
  static final String METHOD = "CHALLENGE";
  static final String PASSWORD = "right";
  private static final Set<String> USERS = Set.of("alice", "bob");

  private final AtomicInteger challenges = new AtomicInteger();

  @Override
  public String name() {
    return "challenge";
  }

  /// What proves that one knows the password.
  static byte[] response(byte[] challenge) {
    return (new String(challenge, UTF_8) + " by " + PASSWORD).getBytes(UTF_8);
  }

  @Override
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    Answer said;
    if (username == null || !USERS.contains(username)) {
      said = Answer.ABSTAIN;
    } else if (Arrays.equals(password, PASSWORD.getBytes(UTF_8))) {
      said = new Answer.Accept(username);
    } else {
      said = new Answer.Refuse(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "another password");
    }
    Thread.startVirtualThread(() -> answer.accept(said));
  }

  @Override
  public @Nullable Exchange begin(String method, Client client) {
    return method.equals(METHOD) ? new TwoSteps() : null;
  }

  private final class TwoSteps implements Exchange {
    private @Nullable String username;
    private byte @Nullable [] challenge;

    @Override
    public void step(byte @Nullable [] data, Consumer<Step> next) {
      Step step = challenge == null ? first(data) : second(data, challenge);
      Thread.startVirtualThread(() -> next.accept(step));
    }

    private Step first(byte @Nullable [] data) {
      String named = data == null ? "" : new String(data, UTF_8);
      if (!USERS.contains(named)) {
        return new Step.Refuse(ReasonCode.NOT_AUTHORIZED, "no such user");
      }
      username = named;
      byte[] made = ("challenge " + challenges.incrementAndGet()).getBytes(UTF_8);
      challenge = made;
      return new Step.Continue(made);
    }

    private Step second(byte @Nullable [] data, byte[] challenged) {
      return Arrays.equals(data, response(challenged))
          ? new Step.Accept(username, "welcome".getBytes(UTF_8))
          : new Step.Refuse(ReasonCode.BAD_USER_NAME_OR_PASSWORD, "a wrong response");
    }
  }
}
