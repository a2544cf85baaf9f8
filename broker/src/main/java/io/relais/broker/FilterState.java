package io.relais.broker;

/// A filter that somebody subscribed.
///
/// @param filter shared ones with `$share/` and the group; `$exclusive/` is left out
/// @param subscribers sessions, those that are away too
/// @param kept those of them that outlive their connection
public record FilterState(String filter, int subscribers, int kept) {}
