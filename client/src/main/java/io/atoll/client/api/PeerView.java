package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a daemon knows of a peer, and how it is connected.
///
/// @param way DIRECT, PUNCHED, RELAYED, or NONE where it is not connected
/// @param transport such as tcp, ws or quic; null as all that follows up to `relay` where it is not
///     connected
/// @param security noise or tls
/// @param direction OUT where this daemon dialled
/// @param address where the connection leads
/// @param relay through whom; null unless RELAYED
/// @param streams open on the connection
/// @param rttMillis round trip, where it was measured for this answer
/// @param agent its program and version, in its own words
/// @param addresses where it may be reached
/// @param protocols that it said it speaks
public record PeerView(
    PeerId peer,
    boolean connected,
    String way,
    @Nullable String transport,
    @Nullable String security,
    @Nullable String direction,
    @Nullable String address,
    @Nullable PeerId relay,
    int streams,
    @Nullable Double rttMillis,
    String agent,
    List<String> addresses,
    List<String> protocols) {}
