package io.relais.broker;

import io.relais.storage.StoredSubscription;

/// A subscription as an operator sees it.
public record SubscriptionState(String clientId, StoredSubscription subscription) {}
