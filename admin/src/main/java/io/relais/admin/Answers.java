package io.relais.admin;

import io.relais.broker.Administration;
import io.relais.storage.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Waits for what the broker answers; on virtual threads only.
final class Answers {
  private static final long WAIT_SECONDS = 30;

  private Answers() {}

  static <T extends @Nullable Object> T await(CompletableFuture<T> answer) {
    try {
      return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw Failure.unavailable("The broker did not answer within " + WAIT_SECONDS + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.unavailable("The node ends");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Administration.Refused refused) {
        String why = String.valueOf(refused.getMessage());
        throw switch (refused.reason()) {
          case TOPIC_NAME_INVALID -> Failure.invalid("topic", why);
          case NOT_AUTHORIZED -> Failure.forbidden(why);
          default -> Failure.unavailable(why);
        };
      }
      throw new IllegalStateException("The broker failed to answer", e.getCause());
    }
  }

  /// @return whether what the command spoke of was there before
  static boolean found(CompletableFuture<Outcome> answer) {
    return switch (await(answer)) {
      case Outcome.Found(boolean found) -> found;
      case Outcome.Refused refused -> throw Failure.unavailable(refused.why());
      case Outcome other -> throw new IllegalStateException("Unexpected " + other);
    };
  }
}
