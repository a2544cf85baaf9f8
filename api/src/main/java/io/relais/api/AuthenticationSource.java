package io.relais.api;

/// A source of authentication, which clients' credentials are checked against.
///
/// @param name `users`, `jwt`, `http`
/// @param configured whether it knows anybody; as long as none does, credentials are ignored
/// @param accepted log-ins since it is asked; those by an exchange of AUTH packets do not count
public record AuthenticationSource(String name, boolean configured, long accepted, long refused) {}
