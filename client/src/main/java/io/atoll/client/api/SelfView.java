package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// A daemon among its peers.
///
/// @param listen addresses that others are told of
/// @param profile home, mobile or server
/// @param server whether it serves other peers
/// @param reachability whether others can dial it: PUBLIC, PRIVATE or UNKNOWN
/// @param reachable addresses that enough others could dial
/// @param dht SERVER, CLIENT, or STARTING
/// @param connections to peers
/// @param maxHandshakes peers that discovery keeps
/// @param bootstrap addresses of peers that it stays connected to
public record SelfView(
    PeerId peer,
    String agent,
    List<String> listen,
    String profile,
    String rendezvous,
    boolean server,
    String reachability,
    List<String> reachable,
    String dht,
    int connections,
    int maxHandshakes,
    List<String> bootstrap,
    List<String> protocols) {}
