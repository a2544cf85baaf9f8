package io.relais.cli.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// One connection of one command, from CONNECT to DISCONNECT: turns failures into a sentence and an
/// exit code, and ends cleanly on Ctrl-C and SIGTERM.
///
/// Owner: the main thread; the shutdown hook only disconnects.
final class Run {
  private static final long DISCONNECT_SECONDS = 2;

  /// What a command does once it has a link. Returns the exit code.
  interface Work {
    int run(Link link) throws InterruptedException;
  }

  private final ConnectOptions options;
  private final Explanation explanation;
  private final Reconnection reconnection;
  private final Link link;

  Run(ConnectOptions options, boolean reconnect, Consumer<Message> onMessage) {
    this.options = options;
    explanation = options.explanation();
    reconnection = new Reconnection(reconnect, explanation, this::complain);
    link = options.open(reconnection, onMessage);
  }

  Link link() {
    return link;
  }

  void complain(String message) {
    if (!options.quiet) {
      System.err.println(message);
    }
  }

  int execute(Work work) throws InterruptedException {
    var hook = new Thread(this::endBySignal, "relais-client-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      await(link.connect());
      debug("Connected.");
      var code = work.run(link);
      disconnect();
      return code;
    } catch (ClientFailure failure) {
      complain("Error: " + failure.getMessage());
      disconnect();
      return failure.exitCode();
    } finally {
      removeHook(hook);
    }
  }

  /// Waits for an answer of the server, or for the end of the connection.
  <T> T await(CompletableFuture<T> answer) throws InterruptedException {
    try {
      CompletableFuture.anyOf(answer, reconnection.lost()).get();
      return answer.join();
    } catch (ExecutionException | CompletionException e) {
      var cause = e.getCause();
      throw explanation.of(cause == null ? e : cause);
    }
  }

  /// @throws ClientFailure if the connection was lost for good
  void checkAlive() throws InterruptedException {
    if (reconnection.lost().isDone()) {
      await(reconnection.lost());
    }
  }

  ClientFailure explain(Throwable cause) {
    return explanation.of(cause);
  }

  /// As [#await], for so many seconds at most; 0 waits for ever.
  ///
  /// @throws ClientFailure with the exit code of a timeout
  <T> T await(CompletableFuture<T> answer, int seconds) throws InterruptedException {
    if (seconds > 0) {
      try {
        CompletableFuture.anyOf(answer, reconnection.lost()).get(seconds, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new ClientFailure(ClientFailure.TIMED_OUT, "Timed out after " + seconds + " s.");
      } catch (ExecutionException e) {
        debug("The wait ended: " + e.getMessage());
      }
    }
    return await(answer);
  }

  void debug(String message) {
    if (options.debug) {
      System.err.println(message);
    }
  }

  private void disconnect() throws InterruptedException {
    try {
      link.disconnect().get(DISCONNECT_SECONDS, TimeUnit.SECONDS);
      debug("Disconnected.");
    } catch (ExecutionException | TimeoutException e) {
      debug("Already disconnected: " + e.getMessage());
    }
  }

  private void endBySignal() {
    try {
      disconnect();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.out.flush();
    // A shutdown that a signal began would otherwise end with 128 and the signal's number.
    Runtime.getRuntime().halt(0);
  }

  private void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      debug("Ended by a signal: " + e.getMessage());
    }
  }
}
