package io.atoll.runtime.microvm;

/// How far a guest is on its way out of memory, and back. At each of them the daemon may die.
enum DeepStep {
  /// It stands still.
  STANDING,
  /// Its state is in the draft; QEMU has it too.
  SAVED,
  /// Nobody talks to its agent any more.
  SILENT,
  /// The file has its name: it is the truth now.
  NAMED,
  /// QEMU is gone.
  GONE,
  /// Another QEMU is there, empty.
  BACK,
  /// It has taken the file; the file is still the truth.
  RESTORED,
  /// The file is gone: the new QEMU is the truth, and stands still.
  DROPPED,
  /// The guest goes on.
  GOING
}
