package io.relais.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.relais.broker.access.Loopback;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a request comes from a program or a person on this machine, and from nobody behind them:
/// no proxy, and no web page that found its way to the loopback by DNS.
final class Locality {
  private static final List<String> PROXY_HEADERS = List.of("Forwarded", "X-Real-IP", "Via");
  private static final String PROXY_PREFIX = "X-forwarded"; // as Headers writes names

  private Locality() {}

  static boolean isLocal(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    String host = headers.getFirst("Host");
    return isLoopback(exchange.getLocalAddress())
        && isLoopback(exchange.getRemoteAddress())
        && PROXY_HEADERS.stream().noneMatch(headers::containsKey)
        && headers.keySet().stream().noneMatch(name -> name.startsWith(PROXY_PREFIX))
        && host != null
        && isLocalHost(hostOf("http://" + host))
        && isSameOrigin(headers.getFirst("Origin"), host);
  }

  private static boolean isLoopback(InetSocketAddress address) {
    return Loopback.isAddress(address);
  }

  private static boolean isLocalHost(@Nullable String host) {
    return host != null
        && (host.equalsIgnoreCase("localhost") || host.equals("127.0.0.1") || host.equals("[::1]"));
  }

  private static boolean isSameOrigin(@Nullable String origin, String host) {
    return origin == null
        || origin.equalsIgnoreCase("http://" + host)
        || origin.equalsIgnoreCase("https://" + host);
  }

  private static @Nullable String hostOf(String url) {
    try {
      return new URI(url).getHost();
    } catch (URISyntaxException e) {
      return null; // and so it is not local
    }
  }
}
