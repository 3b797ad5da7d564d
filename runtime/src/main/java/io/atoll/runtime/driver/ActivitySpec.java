package io.atoll.runtime.driver;

import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import java.nio.file.Path;

/// What a driver is to run.
///
/// @param id names everything the driver makes, so that it finds it again
/// @param workload what to run
/// @param folder belongs to this run alone; the driver makes it, and its presence means that
///     starting began
public record ActivitySpec(RunId id, Workload workload, Path folder) {}
