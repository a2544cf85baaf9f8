package io.relais.cluster;

import io.relais.protocol.SubscriptionFilter;
import io.relais.storage.Command;
import io.relais.storage.KeptState;
import io.relais.storage.Outcome;
import io.relais.storage.QueueEntry;
import io.relais.storage.State.RetainedPage;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A loop's own way through the [Door]. What a lane submits is applied in that order; each outcome
/// comes back on the loop, in the same order, once it is as safe as the store makes it. Nothing
/// leaves before [#flush], which the loop calls once a turn. Of [Command.Acknowledge], for which
/// nobody waits, the outcome may come later, behind others.
///
/// Owner: the loop.
public interface Lane {
  void submit(Command command, Consumer<Outcome> outcome);

  /// Reads a page of a queue as it stands after everything that was submitted before.
  void readQueue(
      String clientId,
      long fromSequence,
      int entriesMax,
      long bytesMax,
      Consumer<List<QueueEntry>> page);

  /// Reads a page of the queue of a shared group, like [#readQueue].
  void readShared(
      SubscriptionFilter filter,
      long fromSequence,
      int entriesMax,
      long bytesMax,
      Consumer<List<QueueEntry>> page);

  /// Reads a page of the retained messages that match a filter, as they stand after everything that
  /// any lane flushed before.
  void readRetained(String filter, @Nullable String after, int limit, Consumer<RetainedPage> page);

  /// Reads what it will of the state, on its thread, as it stands after everything that any lane
  /// flushed before. Must be quick: nothing is applied meanwhile.
  <T> void look(Function<KeptState, T> question, Consumer<T> answer);

  void flush();

  /// Whether so much waits to be applied that publishers should be read no further.
  boolean isCongested();
}
