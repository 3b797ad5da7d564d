package io.atoll.market.deploy;

/// Names and bounds of the protocol.
public final class DeployProtocol {
  public static final String ID = "/atoll/deploy/1";

  /// Bytes of one message.
  public static final int MAX_MESSAGE = 256 << 10;

  /// Bytes of output in one message.
  public static final int MAX_LOG = 32 << 10;

  /// Streams that one peer may have open.
  public static final int MAX_STREAMS = 8;

  /// Jobs of one peer that have not ended.
  public static final int MAX_LIVE_JOBS = 64;

  /// Jobs of one peer that are remembered after their end, with their output.
  public static final int MAX_ENDED_JOBS = 256;

  private DeployProtocol() {}
}
