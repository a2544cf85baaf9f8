package io.relais.storage;

import io.relais.protocol.SubscriptionFilter;

/// A subscription with its options, as it is kept.
///
/// @param id the subscription identifier; 0: none
public record StoredSubscription(
    SubscriptionFilter filter,
    int qos,
    boolean noLocal,
    boolean retainAsPublished,
    int retainHandling,
    int id) {}
