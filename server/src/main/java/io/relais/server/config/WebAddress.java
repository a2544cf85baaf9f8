package io.relais.server.config;

import io.relais.broker.access.Loopback;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/// URLs that the node itself asks.
final class WebAddress {
  private WebAddress() {}

  /// What is wrong with a URL, as the end of a sentence, or null. What is not encrypted is asked on
  /// this machine only, unless told otherwise.
  static @Nullable String problem(String text, boolean insecure) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      return "is no URL: " + e.getReason();
    }
    String scheme = String.valueOf(url.getScheme());
    if (!scheme.equals("https") && !scheme.equals("http") || url.getHost() == null) {
      return "is no URL like https://example.com/path";
    }
    if (url.getRawUserInfo() != null) {
      return "has a user name or password in it, which would be seen in logs; leave it out";
    }
    if (scheme.equals("http") && !insecure && !Loopback.isHost(url.getHost())) {
      return "is http and leads to another machine, where anybody on the way may read and change it;"
          + " use https, or set insecure: true";
    }
    return null;
  }
}
