package io.relais.api;

/// A filter that somebody subscribed.
///
/// @param filter of a shared subscription with `$share/` and the group; without `$exclusive/`
/// @param subscribers sessions, those that are away too
/// @param kept those of them that outlive their connection
public record Topic(String filter, int subscribers, int kept) {}
