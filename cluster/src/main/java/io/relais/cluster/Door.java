package io.relais.cluster;

import io.relais.storage.Documents;
import io.relais.storage.DurableSubscriptions;
import io.relais.storage.StateSizes;
import io.relais.storage.Users;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Executor;

/// Where the broker gives its commands, and what it may ask of the state without one. What puts the
/// commands in order lies behind: nothing on a single node ([Standalone]), a replicated log in a
/// cluster.
public interface Door extends AutoCloseable {
  /// A lane for one loop.
  ///
  /// @param loop runs what the lane answers
  Lane lane(Executor loop);

  /// Whether something is kept under this client id. Any thread.
  boolean hasSession(String clientId);

  /// The durable subscriptions, to ask whether a message may have to be kept. Any thread.
  DurableSubscriptions durable();

  /// Whether an outcome is told only after what was applied is synced to disk here. Any thread.
  boolean isDurable();

  /// The users that the state holds. Any thread.
  Users users();

  /// What administrators keep. Any thread.
  Documents documents();

  /// The clients of whom something is kept, in no order. Any thread.
  Set<String> clientIds();

  StateSizes sizes();

  /// How long syncs take. Any thread.
  SyncTimes syncs();

  /// Copies everything that is kept, as it is at a moment, while work goes on. Any thread; takes as
  /// long as the disk does.
  ///
  /// @param into a folder that is not there, on the same disk
  void checkpoint(Path into);

  /// Whether messages are refused because the disk is nearly full. Any thread.
  boolean isDiskFull();

  /// The time of expiries, in milliseconds: starts as the wall clock and goes by the monotonic one,
  /// so that a clock that jumps harms nothing. Any thread.
  long logTimeMillis();

  /// The identity of this run of this node, for claims.
  String node();

  long incarnation();

  /// Applies what was submitted, then ends. Nothing may be submitted any more.
  @Override
  void close();
}
