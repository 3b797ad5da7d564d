package io.atoll.runtime.vm;

/// How far a machine is, and why it is no further.
///
/// @param cause one sentence for people; never empty
public record VmPhase(Kind kind, String cause) {
  public enum Kind {
    /// QEMU runs; nothing in the guest has answered yet.
    BOOTING,
    /// A template's state is being brought to life and given its own identity.
    CLONING,
    /// Its agent or its SSH server answered.
    READY,
    /// Neither answered within the time a machine may take; it goes on, and is asked on.
    SILENT,
    ENDED
  }
}
