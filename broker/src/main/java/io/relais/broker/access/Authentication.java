package io.relais.broker.access;

import io.relais.protocol.ReasonCode;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The chain of sources: the first decisive answer wins. Fails closed: with sources configured,
/// credentials that none of them knows are refused, even where anonymous clients are let in.
///
/// Owner: any thread; the sources are replaced as a whole. Answers come from any thread.
public final class Authentication {
  /// A source, and what came of asking it.
  private record Link(AuthenticationSource source, LongAdder accepted, LongAdder refused) {
    Link(AuthenticationSource source) {
      this(source, new LongAdder(), new LongAdder());
    }

    void count(Answer said) {
      switch (said) {
        case Answer.Accept _ -> accepted.increment();
        case Answer.Refuse _ -> refused.increment();
        case Answer.Abstain _ -> {}
      }
    }
  }

  /// How a source stands, since it is asked.
  ///
  /// @param configured whether it knows anybody
  /// @param accepted log-ins with a password or a token
  public record Standing(String name, boolean configured, long accepted, long refused) {}

  private volatile List<Link> sources;

  public Authentication(List<AuthenticationSource> sources) {
    this.sources = links(sources);
  }

  private static List<Link> links(List<AuthenticationSource> sources) {
    return sources.stream().map(Link::new).toList();
  }

  /// Asks others from now on. Questions under way go on with those of before.
  public void change(List<AuthenticationSource> others) {
    sources = links(others);
  }

  /// The sources in the order in which they are asked.
  public List<Standing> standing() {
    return sources.stream()
        .map(
            one ->
                new Standing(
                    one.source.name(),
                    one.source.isConfigured(),
                    one.accepted.sum(),
                    one.refused.sum()))
        .toList();
  }

  /// Gives `answer` something other than [Answer.Abstain], from any thread.
  public void authenticate(
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    List<Link> asked = sources;
    if (asked.stream().noneMatch(one -> one.source.isConfigured())) {
      // With nothing to check them against, credentials are ignored: everyone is anonymous.
      answer.accept(client.anonymousAllowed() ? new Answer.Accept(null) : anonymousRefused());
      return;
    }
    ask(asked, 0, client, username, password, answer);
  }

  private static void ask(
      List<Link> sources,
      int index,
      Client client,
      @Nullable String username,
      byte @Nullable [] password,
      Consumer<Answer> answer) {
    if (index == sources.size()) {
      answer.accept(undecided(client, username, password));
      return;
    }
    Link link = sources.get(index);
    link.source()
        .authenticate(
            client,
            username,
            password,
            said -> {
              link.count(said);
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
    for (Link link : sources) {
      AuthenticationSource.Exchange exchange = link.source().begin(method, client);
      if (exchange != null) {
        return exchange;
      }
    }
    return null;
  }
}
