package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
/// @param network what the key of its private network has in common with those of its members; null
///     where everybody may connect
/// @param mdns whether it looks for peers on its network
/// @param ports what became of its ports at its gateway; empty where that is not asked
/// @param filter which peers discovery keeps
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
    @Nullable String network,
    boolean mdns,
    List<MappedPortView> ports,
    String filter,
    List<String> protocols) {}
