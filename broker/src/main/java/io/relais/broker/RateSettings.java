package io.relais.broker;

/// What holds for each of them.
///
/// @param client a client id
/// @param user a user name; clients without one are not counted together
/// @param address an IPv4 address, or the first 64 bits of an IPv6 address
/// @param listener one listener
public record RateSettings(
    RateLimits client, RateLimits user, RateLimits address, RateLimits listener) {
  public static final RateSettings OFF =
      new RateSettings(RateLimits.OFF, RateLimits.OFF, RateLimits.OFF, RateLimits.OFF);

  boolean isOff() {
    return client.isOff() && user.isOff() && address.isOff() && listener.isOff();
  }
}
