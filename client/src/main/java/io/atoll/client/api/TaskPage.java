package io.atoll.client.api;

import io.atoll.core.term.TaskId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some tasks, newest first.
///
/// @param next where the next page begins; null on the last
public record TaskPage(List<TaskView> tasks, @Nullable TaskId next) {}
