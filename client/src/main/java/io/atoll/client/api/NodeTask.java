package io.atoll.client.api;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import org.jspecify.annotations.Nullable;

/// A task on a provider, as the provider says it stands.
///
/// @param name null = it has none, or the hub does not know the task any more
/// @param run epoch
/// @param state ACCEPTED, STARTING, RUNNING or SUSPENDED
/// @param reserved what it was promised
public record NodeTask(
    TaskId id, @Nullable String name, Epoch run, String driver, String state, Resources reserved) {}
