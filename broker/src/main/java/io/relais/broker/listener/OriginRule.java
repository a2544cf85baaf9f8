package io.relais.broker.listener;

import io.relais.broker.access.Loopback;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which pages may open a WebSocket here. A browser lets any page try, and says in `Origin` which
/// it is; without this rule every page that someone on this network visits could reach the broker.
///
/// Taken: no origin (no browser), the listener's own, loopback, and those allowed by name. The
/// listener's own is the host that was asked for. A page that makes its own name point at 127.0.0.1
/// would pass for that, so where both ends are loopback the host asked for must be so too.
///
/// Owner: immutable.
final class OriginRule {
  /// scheme, host and port of a page; the host is in lower case.
  private record Page(String scheme, String host, int port) {}

  private final boolean any;
  private final Set<Page> pages;

  /// Scheme and port alone, for pages at another port of the host that was asked for.
  private final Set<Page> portsOfSameHost;

  private OriginRule(boolean any, Set<Page> pages, Set<Page> portsOfSameHost) {
    this.any = any;
    this.pages = pages;
    this.portsOfSameHost = portsOfSameHost;
  }

  static OriginRule of(List<String> allowed) {
    boolean any = false;
    Set<Page> pages = new HashSet<>();
    Set<Page> portsOfSameHost = new HashSet<>();
    for (String text : allowed) {
      if (text.equals("*")) {
        any = true;
        continue;
      }
      int star = text.indexOf("://*:");
      Page page = page(star < 0 ? text : text.replace("://*:", "://any:"));
      if (page == null) {
        throw new IllegalArgumentException(
            "allowed origin '"
                + text
                + "' is not of the form https://host or https://host:port, nor *");
      }
      if (star < 0) {
        pages.add(page);
      } else {
        portsOfSameHost.add(new Page(page.scheme, "", page.port));
      }
    }
    return new OriginRule(any, Set.copyOf(pages), Set.copyOf(portsOfSameHost));
  }

  /// @param origin of the request, null: none
  /// @param host the request's `Host`
  /// @param confined both ends of the socket are loopback addresses, and no proxy is trusted there
  boolean allows(@Nullable String origin, @Nullable String host, boolean confined) {
    if (origin == null || any) {
      return true;
    }
    Page page = page(origin);
    if (page == null) {
      return false;
    }
    if (Loopback.isHost(page.host) || pages.contains(page)) {
      return true;
    }
    Page asked = host == null ? null : page(page.scheme + "://" + host);
    if (asked == null || !asked.host.equals(page.host)) {
      return false;
    }
    if (confined && !Loopback.isHost(asked.host)) {
      return false;
    }
    return asked.port == page.port
        || portsOfSameHost.contains(new Page(page.scheme, "", page.port));
  }

  private static @Nullable Page page(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException _) {
      return null;
    }
    String scheme = uri.getScheme();
    String host = uri.getHost();
    boolean bare =
        (uri.getRawPath() == null || uri.getRawPath().isEmpty())
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null
            && uri.getRawUserInfo() == null;
    if (scheme == null || host == null || !bare) {
      return null;
    }
    scheme = scheme.toLowerCase(Locale.ROOT);
    int port = uri.getPort();
    if (port < 0) {
      port = scheme.equals("https") ? 443 : 80;
    }
    return new Page(scheme, host.toLowerCase(Locale.ROOT), port);
  }
}
