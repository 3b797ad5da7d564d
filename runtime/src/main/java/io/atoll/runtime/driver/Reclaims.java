package io.atoll.runtime.driver;

import io.atoll.core.term.RunId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// A driver whose runs hold things of this machine that a daemon which died may have left: folders
/// with disks and sockets, control groups, namespaces, uids.
public interface Reclaims {
  /// Runs of which something is left and that are not among `known`. To be called before the driver
  /// is given anything to prepare.
  List<RunId> strays(Set<RunId> known) throws IOException;

  /// Ends each of them, if it lives, and removes what it held. What cannot be removed is left for
  /// the next time.
  ///
  /// @return how many are gone
  int reclaim(Collection<RunId> strays) throws InterruptedException;
}
