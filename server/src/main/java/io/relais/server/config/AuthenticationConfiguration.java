package io.relais.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The sources of users, in the order in which they are asked.
public record AuthenticationConfiguration(
    @Key(
            value = "File of users and password hashes, as `relais passwd` writes it.",
            existing = true)
        @Nullable Path passwordFile,
    @Key("Clients that show a signed token (JWT); asked about users that have no password here.")
        @Nullable JwtConfiguration jwt,
    @Key("A service that is asked over HTTP about clients that nothing before it knows.")
        @Nullable HttpConfiguration http) {}
