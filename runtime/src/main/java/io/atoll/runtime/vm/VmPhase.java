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
    /// It answers, and a clone's user-data is being applied.
    CONFIGURING,
    /// Its agent or its SSH server answered.
    READY,
    /// Neither answered within the time a machine may take; it goes on, and is asked on.
    SILENT,
    ENDED;

    private String words() {
      return switch (this) {
        case BOOTING -> "booting: ";
        case CLONING -> "cloning: ";
        case CONFIGURING -> "user-data: ";
        case READY -> "ready: ";
        case SILENT -> "silent: ";
        case ENDED -> "ended: ";
      };
    }
  }

  /// One line for people: how far, and why.
  public String text() {
    return kind.words() + cause;
  }
}
