package io.atoll.runtime.vm;

import io.atoll.core.term.RunId;

/// Is told how far machines are; must be quick.
@FunctionalInterface
public interface VmListener {
  void phase(RunId run, VmPhase phase);
}
