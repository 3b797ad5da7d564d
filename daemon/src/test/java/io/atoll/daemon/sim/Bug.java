package io.atoll.daemon.sim;

/// Faults planted on purpose, to see that the simulation finds them.
enum Bug {
  /// The provider starts runs without having journalled the intent.
  NO_JOURNAL,
  /// The provider says of a run that it finds after a restart that it never began.
  START_TWICE,
  /// The hub acts before its decision is on disk.
  ACT_BEFORE_COMMIT,
  /// The provider does not stop what it may not keep without its hub.
  NO_FENCE,
  /// The provider forgets half of the wishes that a run go on.
  FORGET_RESUME,
  /// The hub places the held tasks of a backup at once.
  TRUST_BACKUP
}
