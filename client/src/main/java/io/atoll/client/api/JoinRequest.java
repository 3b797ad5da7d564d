package io.atoll.client.api;

/// Makes the provider of this daemon join a hub.
///
/// @param invite the string that the hub's owner gave
public record JoinRequest(String invite) {}
