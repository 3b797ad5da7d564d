package io.atoll.daemon.store.sqlite;

import io.atoll.core.term.Epoch;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What a restore did.
///
/// @param store the store now in place
/// @param kept the one it replaced; null if there was none
/// @param highest epochs start above this one
public record Restored(Path store, @Nullable Path kept, Epoch highest) {}
