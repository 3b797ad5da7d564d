package io.atoll.runtime.process;

import io.atoll.core.term.Exit;
import java.io.IOException;
import java.util.Optional;

/// How a run ended that has no supervisor any more.
final class Judgement {
  private Judgement() {}

  /// The end of the run; empty if somebody holds its lock, so that it lives. Ends what is left of
  /// its processes and gives back what it held. Under the lock a run whose payload may have begun
  /// is LOST, another never began, and will not: a supervisor that comes late finds the record.
  static Optional<RunRecord> of(RunFolder folder, String run)
      throws IOException, InterruptedException {
    Optional<RunRecord> written = folder.ended();
    if (written.isPresent() && !folder.began()) {
      Remains.removeGroups(folder);
      return written;
    }
    Optional<RunRecord> settled = folder.settle(Judgement::judge);
    if (settled.isPresent()) {
      Remains.end(folder, run);
    }
    return settled;
  }

  private static Exit judge(boolean began) {
    return began
        ? Exit.lost("its supervisor was killed, or the machine restarted under it")
        : Exit.startFailed("it never began: the daemon ended before it could start it");
  }
}
