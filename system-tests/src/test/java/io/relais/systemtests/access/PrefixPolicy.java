package io.relais.systemtests.access;

import io.relais.broker.access.Client;
import io.relais.broker.access.Policy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Decides by how a topic, filter or client id begins: `denied` is denied, `later` is answered from
/// another thread once the test has given its verdict, `unseen` may be published and subscribed and
/// is never delivered, and what begins with `bobs` is for the user bob. Everything else is allowed.
///
/// Owner: any thread.
final class PrefixPolicy implements Policy {
  static final String DENIED = "denied";
  static final String LATER = "later";
  static final String UNSEEN = "unseen";
  static final String BOBS = "bobs";

  private final Map<String, CompletableFuture<Verdict>> verdicts = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Boolean>> questions = new ConcurrentHashMap<>();

  /// Answers all questions about this topic, filter or client id, past ones and those to come.
  void answer(String about, Verdict verdict) {
    verdict(about).complete(verdict);
  }

  /// Done once it was asked about this, which says that the broker waits (or waited) for an answer.
  CompletableFuture<Boolean> asked(String about) {
    return questions.computeIfAbsent(about, _ -> new CompletableFuture<>());
  }

  private CompletableFuture<Verdict> verdict(String about) {
    return verdicts.computeIfAbsent(about, _ -> new CompletableFuture<>());
  }

  private Verdict decide(Client client, String about, Consumer<Verdict> later) {
    if (about.startsWith(DENIED)) {
      return Verdict.DENY;
    }
    if (about.startsWith(BOBS) && !"bob".equals(client.username())) {
      return Verdict.DENY;
    }
    if (about.startsWith(LATER)) {
      var _ = verdict(about).thenAcceptAsync(later);
      asked(about).complete(true);
      return Verdict.LATER;
    }
    return Verdict.ALLOW;
  }

  @Override
  public Verdict mayConnect(Client client, Consumer<Verdict> later) {
    return decide(client, client.clientId(), later);
  }

  @Override
  public Verdict mayPublish(
      Client client, String topic, int qos, boolean retain, Consumer<Verdict> later) {
    return decide(client, topic, later);
  }

  @Override
  public Verdict maySubscribe(Client client, String filter, int qos, Consumer<Verdict> later) {
    return decide(client, filter, later);
  }

  @Override
  public boolean checksDelivery(Client client, String filter) {
    return true;
  }

  @Override
  public boolean mayReceive(Client client, String topic) {
    return !topic.startsWith(UNSEEN);
  }
}
