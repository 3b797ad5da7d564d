package io.atoll.p2p.kad.machine;

import java.time.Duration;

/// Numbers of the protocol, and what strangers may cost.
///
/// @param k how many peers a bucket holds, an answer names and a value is stored at
/// @param alpha requests that one lookup has under way
/// @param rpcTimeout after it a peer counts as gone
/// @param queryTimeout after it a lookup ends with what it has
/// @param refresh how often each bucket is looked up anew
/// @param maxAge how long a value of somebody else is kept
/// @param providerAge how long somebody counts as provider
/// @param republish how often own values and provider entries are stored anew
/// @param maxValue bytes of a value
/// @param maxRecords values of others kept; the farthest give way
/// @param maxProviders provider entries kept in all
/// @param requestsPerSecond of one peer; twice as many in a burst
/// @param diversity how much of the table one address or network may fill
public record KadConfig(
    int k,
    int alpha,
    Duration rpcTimeout,
    Duration queryTimeout,
    Duration refresh,
    Duration maxAge,
    Duration providerAge,
    Duration republish,
    int maxValue,
    int maxRecords,
    int maxProviders,
    int requestsPerSecond,
    Diversity diversity) {

  /// Peers of one address (of one network) in a bucket and in the table. go-libp2p allows 2 and 3
  /// of a network; that suits a network of a hundred thousand, while ours may stand in one data
  /// centre: the same numbers for an address, wider ones for the network around it.
  public record Diversity(
      int ofAddressInBucket, int ofAddress, int ofNetworkInBucket, int ofNetwork) {
    public static Diversity defaults() {
      return new Diversity(2, 3, 10, 60);
    }
  }

  public static KadConfig defaults() {
    return new KadConfig(
        20,
        10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        Duration.ofHours(48),
        Duration.ofHours(48),
        Duration.ofHours(22),
        64 << 10,
        4096,
        16384,
        200,
        Diversity.defaults());
  }
}
