package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened, for good.
///
/// @param seq grows by the hub's single writer; the cursor to resume from
/// @param type dotted word, such as `task.created`, `run.placed`, `run.exited`, `node.suspect`
/// @param detail one sentence for people
public record EventView(
    long seq,
    Instant at,
    String type,
    @Nullable TaskId task,
    @Nullable PeerId node,
    @Nullable Epoch epoch,
    String detail) {}
