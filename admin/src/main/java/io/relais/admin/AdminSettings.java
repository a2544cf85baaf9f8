package io.relais.admin;

import io.relais.api.Listener;
import io.relais.broker.listener.TlsSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the server tells the admin listener.
///
/// @param host as it was configured
/// @param data folder of the node; null: nothing is kept on disk
/// @param firstPassword of the account `admin`, if there is none yet; null: see docs/api.md
/// @param tls null: plain HTTP
/// @param listeners for MQTT, as they stand
/// @param configuration of the node
/// @param watching what is looked at besides
public record AdminSettings(
    String host,
    int port,
    @Nullable Path data,
    @Nullable String firstPassword,
    String version,
    @Nullable TlsSettings tls,
    Supplier<List<Listener>> listeners,
    RunningConfiguration configuration,
    Watching watching) {}
