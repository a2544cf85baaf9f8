package io.relais.broker;

/// The level of acknowledgements for the topics that a filter matches.
///
/// @param filter a valid one, without `$share` and the like
public record AckRule(String filter, AckLevel level) {}
