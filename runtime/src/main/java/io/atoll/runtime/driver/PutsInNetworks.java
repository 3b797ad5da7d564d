package io.atoll.runtime.driver;

/// A driver that can say before there is an activity whether its activities are [Networked]. Others
/// get no cards.
public interface PutsInNetworks extends Driver {
  /// What runs can have here. Asked after [Driver#fingerprint].
  Ability networks();

  /// How far it goes.
  enum Ability {
    /// Not on this machine.
    NONE,
    /// Runs keep the addresses that they began with.
    FIXED,
    /// Runs can get other addresses: by [Readdressable], or because guests ask for theirs.
    MOVABLE
  }
}
