package io.relais.server.config;

/// Server redirection of MQTT 5 (section 4.11).
public record RedirectConfiguration(
    @Key("The server to use instead, as `HOST:PORT`.") HostPort to,
    @Key(
            value = "Whether clients shall remember it: reason code 0x9D instead of 0x9C.",
            standard = "false")
        boolean permanent) {}
