package io.relais.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The sources of users.
public record AuthenticationConfiguration(
    @Key(
            value = "File of users and password hashes, as `relais passwd` writes it.",
            existing = true)
        @Nullable Path passwordFile) {}
