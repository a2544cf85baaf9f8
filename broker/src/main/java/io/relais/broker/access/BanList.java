package io.relais.broker.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who may not connect: what is exact is looked up, ranges and patterns are gone through.
///
/// Owner: immutable, replaced as a whole; any thread. Limits: the caller's duty, above all of those
/// that [Ban#isCompared()].
public final class BanList {
  public static final BanList EMPTY = new BanList(List.of());

  private record Range(AddressRange range, Ban ban) {}

  private final Map<String, Ban> clients = new HashMap<>();
  private final Map<String, Ban> users = new HashMap<>();
  private final Map<InetAddress, Ban> addresses = new HashMap<>();
  private final List<Range> ranges = new ArrayList<>();
  private final List<Ban> clientPatterns = new ArrayList<>();
  private final List<Ban> userPatterns = new ArrayList<>();

  /// @param bans no two of the same kind and value
  public BanList(Collection<Ban> bans) {
    for (Ban ban : bans) {
      switch (ban.kind()) {
        case CLIENT -> clients.put(ban.value(), ban);
        case USER -> users.put(ban.value(), ban);
        case ADDRESS -> {
          AddressRange range = AddressRange.parse(ban.value());
          if (ban.isCompared()) {
            ranges.add(new Range(range, ban));
          } else {
            addresses.put(range.first(), ban);
          }
        }
        case CLIENT_PATTERN -> clientPatterns.add(ban);
        case USER_PATTERN -> userPatterns.add(ban);
      }
    }
  }

  /// Whether it speaks of client ids alone, which [#clientIds()] are then.
  public boolean isOfClientIds() {
    return users.isEmpty()
        && addresses.isEmpty()
        && ranges.isEmpty()
        && clientPatterns.isEmpty()
        && userPatterns.isEmpty();
  }

  public Set<String> clientIds() {
    return clients.keySet();
  }

  /// The ban that keeps a client out, or null.
  ///
  /// @param nowMillis log time
  public @Nullable Ban of(Client client, long nowMillis) {
    Ban ban = holding(clients.get(client.clientId()), nowMillis);
    if (ban == null) {
      ban = matching(clientPatterns, client.clientId(), nowMillis);
    }
    String username = client.username();
    if (ban == null && username != null) {
      ban = holding(users.get(username), nowMillis);
      if (ban == null) {
        ban = matching(userPatterns, username, nowMillis);
      }
    }
    return ban == null ? ofAddress(client.address(), nowMillis) : ban;
  }

  /// The ban that keeps everybody of this address out, or null.
  public @Nullable Ban ofAddress(SocketAddress address, long nowMillis) {
    if (addresses.isEmpty() && ranges.isEmpty()
        || !(address instanceof InetSocketAddress internet)
        || internet.getAddress() == null) {
      return null;
    }
    InetAddress plain = AddressRange.plain(internet.getAddress());
    Ban ban = holding(addresses.get(plain), nowMillis);
    for (int i = 0; ban == null && i < ranges.size(); i++) {
      Range one = ranges.get(i);
      ban = one.range.contains(plain) ? holding(one.ban, nowMillis) : null;
    }
    return ban;
  }

  private static @Nullable Ban holding(@Nullable Ban ban, long nowMillis) {
    return ban != null && ban.holdsAt(nowMillis) ? ban : null;
  }

  private static @Nullable Ban matching(List<Ban> patterns, String text, long nowMillis) {
    for (int i = 0; i < patterns.size(); i++) {
      Ban ban = patterns.get(i);
      if (ban.holdsAt(nowMillis) && matches(ban.value(), text)) {
        return ban;
      }
    }
    return null;
  }

  /// Whether all of a text is as a pattern says. After a mismatch only the last `*` takes in one
  /// character more, so the work is the product of both lengths at most.
  static boolean matches(String pattern, String text) {
    if (!endsAlike(pattern, text)) {
      return false; // as most do, without a look at the whole of a long id
    }
    int p = 0;
    int t = 0;
    int star = -1; // in the pattern, the last one passed
    int taken = 0; // where the text behind that star begins
    while (t < text.length()) {
      char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
      if (p < pattern.length() && wanted == '*') {
        star = p++;
        taken = t;
      } else if (p < pattern.length() && wanted == '?') {
        p++;
        t += width(text, t);
      } else if (p < pattern.length() && wanted == text.charAt(t)) {
        p++;
        t++;
      } else if (star >= 0) {
        taken += width(text, taken);
        t = taken;
        p = star + 1;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean endsAlike(String pattern, String text) {
    int t = text.length();
    for (int p = pattern.length() - 1; p >= 0 && t > 0; p--) {
      char wanted = pattern.charAt(p);
      if (wanted == '*' || wanted == '?') {
        return true;
      }
      if (wanted != text.charAt(--t)) {
        return false;
      }
    }
    return true;
  }

  /// Of the character at this place; 2 beyond the basic plane.
  private static int width(String text, int at) {
    return Character.charCount(text.codePointAt(at));
  }
}
