package io.relais.broker;

import io.relais.broker.access.Client;
import io.relais.storage.StoredSubscription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client has subscribed, and who it is.
///
/// @param client null: it is away, and nothing but its id is known
public record Standing(
    String clientId, @Nullable Client client, List<StoredSubscription> subscriptions) {}
