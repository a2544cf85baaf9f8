package io.relais.server.config;

import io.relais.broker.RateSettings;

/// How fast clients may be. All of these hold beside each other.
public record RatesConfiguration(
    @Key("One client, by its id.") RateConfiguration client,
    @Key("All clients of one user name together; those without one are not counted.")
        RateConfiguration user,
    @Key(
            "All clients of one IPv4 address, or of the first 64 bits of an IPv6 address; behind a proxy of the one that the PROXY"
                + " header tells.")
        RateConfiguration address,
    @Key(
            "All clients of one listener. Its `connection-rate` refuses earlier, before TLS and CONNECT.")
        RateConfiguration listener) {

  public RateSettings settings() {
    return new RateSettings(client.limits(), user.limits(), address.limits(), listener.limits());
  }
}
