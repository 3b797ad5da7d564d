package io.atoll.daemon.store;

import io.atoll.core.term.Epoch;

/// Facts about the store itself.
///
/// @param highest the highest epoch given out; its generation is the store's
/// @param restored this store came from a backup and has not heard from all its providers since:
///     tasks that may have been placed after the backup wait for them
/// @param lastSeq of the newest event ever written; never goes down
public record StoreMeta(Epoch highest, boolean restored, long lastSeq) {}
