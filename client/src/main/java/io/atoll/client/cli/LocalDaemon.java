package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;

/// The daemon that a command about this very machine needs.
final class LocalDaemon {
  private LocalDaemon() {}

  /// @param remedy what to do where none runs
  /// @throws AtollException UNREACHABLE if none runs here
  static HubClient reach(Context context, String remedy) {
    HubClient daemon = context.daemon();
    try {
      var _ = daemon.version();
      return daemon;
    } catch (AtollException e) {
      if (e.code() != ErrorCode.UNREACHABLE) {
        throw e;
      }
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "no daemon runs on this machine with the data folder " + context.dataDir(),
          remedy,
          e);
    }
  }
}
