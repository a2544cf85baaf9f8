package io.relais.cli.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A connection to a server, in one protocol version. The library has one interface a version; this
/// is what the commands need of either.
///
/// Futures fail with the library's exceptions, which [Explanation] turns into sentences. Received
/// messages are handed over on the event loop, so that a slow terminal slows the server down
/// instead of filling a queue.
interface Link {
  CompletableFuture<Void> connect();

  /// Completes when the message is written (QoS 0) or acknowledged. The number is the reason code.
  CompletableFuture<Integer> publish(Message message);

  /// The granted QoS or, from 128, the reason of refusal of each filter.
  CompletableFuture<List<Integer>> subscribe(
      List<String> filters, int qos, boolean retainAsPublished);

  CompletableFuture<Void> unsubscribe(List<String> filters);

  CompletableFuture<Void> disconnect();
}
