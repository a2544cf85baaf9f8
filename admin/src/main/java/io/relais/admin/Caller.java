package io.relais.admin;

import io.relais.api.Role;

/// Who asks.
///
/// @param name of the account or the key
/// @param tokenId of the session; empty for a key
/// @param mustChange the password, before anything else
record Caller(String name, Role role, String tokenId, boolean mustChange) {}
