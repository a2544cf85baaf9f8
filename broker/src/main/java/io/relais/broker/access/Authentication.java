package io.relais.broker.access;

import io.relais.protocol.ReasonCode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The chain of sources: the first decisive answer wins. Fails closed: with sources configured,
/// credentials that none of them knows are refused, even where anonymous clients are let in.
///
/// Owner: any thread; the sources are replaced as a whole. Answers come from any thread.
public final class Authentication {
  private volatile List<AuthenticationSource> sources;

  public Authentication(List<AuthenticationSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /// Asks others from now on. Questions under way go on with those of before.
  public void change(List<AuthenticationSource> others) {
    sources = List.copyOf(others);
  }

  /// Gives `answer` something other than [Answer.Abstain], from any thread.
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    List<AuthenticationSource> asked = sources;
    if (asked.stream().noneMatch(AuthenticationSource::isConfigured)) {
      // With nothing to check them against, credentials are ignored: everyone is anonymous.
      answer.accept(client.anonymousAllowed() ? new Answer.Accept(null) : anonymousRefused());
      return;
    }
    ask(asked, 0, client, username, password, answer);
  }

  private static void ask(
      List<AuthenticationSource> sources,
      int index,
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    if (index == sources.size()) {
      answer.accept(undecided(client, username, password));
      return;
    }
    sources
        .get(index)
        .authenticate(
            client,
            username,
            password,
            said -> {
              if (said instanceof Answer.Abstain) {
                ask(sources, index + 1, client, username, password, answer);
              } else {
                answer.accept(said);
              }
            });
  }

  private static Answer undecided(
      Client client, @Nullable String username, byte @Nullable [] password) {
    if (username != null || password != null) {
      return new Answer.Refuse(
          ReasonCode.BAD_USER_NAME_OR_PASSWORD, "no source of authentication knows this user");
    }
    return client.anonymousAllowed() ? new Answer.Accept(null) : anonymousRefused();
  }

  private static Answer anonymousRefused() {
    return new Answer.Refuse(
        ReasonCode.NOT_AUTHORIZED,
        "anonymous clients are not allowed on this listener (allow-anonymous: false)");
  }

  /// @return null if no source knows the method [MQTT-4.12.0-1]
  public AuthenticationSource.@Nullable Exchange begin(String method, Client client) {
    for (AuthenticationSource source : sources) {
      AuthenticationSource.Exchange exchange = source.begin(method, client);
      if (exchange != null) {
        return exchange;
      }
    }
    return null;
  }
}
