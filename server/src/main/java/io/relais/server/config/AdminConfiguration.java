package io.relais.server.config;

import org.jspecify.annotations.Nullable;

/// Where the dashboard and the REST API are served.
public record AdminConfiguration(
    @Key(value = "Address of the dashboard and the REST API.", standard = "127.0.0.1:18083")
        HostPort bind,
    @Key(
            value =
                "Password of the account `admin` as long as there is no account, at least 8 characters; best given by the"
                    + " environment variable RELAIS_ADMIN_PASSWORD. Left out: on loopback `admin`/`public` leads to setting one;"
                    + " elsewhere one is made and lies in `admin-password` in the data folder.",
            secret = true)
        @Nullable String password,
    @Key("Certificates; with them it is served over HTTPS, and over nothing else.")
        @Nullable TlsConfiguration tls) {
  private static final int PASSWORD_MIN = 8;

  public AdminConfiguration {
    Violations violations = new Violations();
    violations.require(
        password == null || password.length() >= PASSWORD_MIN,
        "password",
        "has fewer than " + PASSWORD_MIN + " characters");
    violations.require(
        tls == null || tls.usernameFrom() == UsernameFrom.NONE,
        "tls.username-from",
        "is for listeners of MQTT; who uses the API signs in",
        "tls");
    violations.throwIfAny();
  }
}
