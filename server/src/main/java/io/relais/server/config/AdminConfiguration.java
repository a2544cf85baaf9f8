package io.relais.server.config;

/// Where the dashboard and the REST API are served.
public record AdminConfiguration(
    @Key(
            value =
                "Address of the dashboard and the REST API. In this version it is read and checked, and nothing listens there"
                    + " yet.",
            standard = "127.0.0.1:18083")
        HostPort bind) {}
