package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.List;

/// A hub that the provider of this daemon joined, and what that hub may do here.
///
/// @param connected whether a session with it stands
/// @param status one phrase for people: `connected`, or why not
/// @param addresses where it is dialled
/// @param drivers which it may use
/// @param unsandboxed whether it may run payloads without a sandbox
/// @param egress whether payloads may reach other networks and publish ports
public record HubView(
    PeerId id,
    boolean connected,
    String status,
    List<String> addresses,
    List<String> drivers,
    boolean unsandboxed,
    boolean egress,
    Instant joinedAt) {}
