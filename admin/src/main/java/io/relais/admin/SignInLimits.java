package io.relais.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Slows down who guesses passwords: after [#FREE] failures for an account from one address, each
/// further one doubles the wait. By both together, so that nobody locks the administrator out.
///
/// Owner: guarded by itself. Limits: [#KNOWN_MAX] pairs, the oldest is forgotten.
final class SignInLimits {
  private static final int FREE = 5;
  private static final int KNOWN_MAX = 10_000;
  private static final long WAIT_SECONDS_MAX = 300;
  private static final long FORGOTTEN_SECONDS = 900;

  private record Failures(int count, long lastSeconds) {}

  private final Map<String, Failures> known = new LinkedHashMap<>();

  private static String pair(String account, String address) {
    return account + '\n' + address;
  }

  /// @param nowSeconds of a clock that does not jump
  /// @return how long to wait, 0: not at all
  synchronized long waitSeconds(String account, String address, long nowSeconds) {
    Failures failures = known.get(pair(account, address));
    if (failures == null || failures.count < FREE) {
      return 0;
    }
    long wait = Math.min(WAIT_SECONDS_MAX, 1L << Math.min(30, failures.count - FREE));
    return Math.max(0, failures.lastSeconds + wait - nowSeconds);
  }

  synchronized void failed(String account, String address, long nowSeconds) {
    String pair = pair(account, address);
    @Nullable Failures before = known.remove(pair);
    int count =
        before == null || nowSeconds - before.lastSeconds > FORGOTTEN_SECONDS ? 0 : before.count;
    known.put(pair, new Failures(count + 1, nowSeconds)); // behind all others
    if (known.size() > KNOWN_MAX) {
      known.remove(known.keySet().iterator().next());
    }
  }

  synchronized void succeeded(String account, String address) {
    known.remove(pair(account, address));
  }
}
