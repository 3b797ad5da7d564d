package io.atoll.p2p.muxer.yamux;

import java.time.Duration;

/// @param keepAlive how often a silent peer is asked for a sign of life
/// @param timeout how long it may stay silent after that, or leave a write untaken
/// @param maxInbound streams that the peer may hold open
/// @param maxOutbound streams that this end may hold open
/// @param maxWindow the largest credit one stream may grow to
/// @param maxGrowth how far all windows of a session together may grow beyond their first size
/// @param maxUnread bytes that may wait in all streams for readers; the stream that passes it is
///     reset. It is more than `maxGrowth` by the first windows of many stalled streams
public record YamuxConfig(
    Duration keepAlive,
    Duration timeout,
    int maxInbound,
    int maxOutbound,
    int maxWindow,
    long maxGrowth,
    long maxUnread) {

  public static YamuxConfig defaults() {
    return new YamuxConfig(
        Duration.ofSeconds(10), Duration.ofSeconds(20), 1024, 1024, 16 << 20, 32L << 20, 64L << 20);
  }

  public YamuxConfig withKeepAlive(Duration interval, Duration silence) {
    return new YamuxConfig(
        interval, silence, maxInbound, maxOutbound, maxWindow, maxGrowth, maxUnread);
  }

  public YamuxConfig withMaxInbound(int streams) {
    return new YamuxConfig(
        keepAlive, timeout, streams, maxOutbound, maxWindow, maxGrowth, maxUnread);
  }

  public YamuxConfig withMaxUnread(long bytes) {
    return new YamuxConfig(
        keepAlive, timeout, maxInbound, maxOutbound, maxWindow, maxGrowth, bytes);
  }
}
