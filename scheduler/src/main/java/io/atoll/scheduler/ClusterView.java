package io.atoll.scheduler;

import java.util.List;

/// What a plan is made from.
///
/// @param version grows whenever a node grows, see `NodeCapacity.grown`
/// @param nodes in a fixed order; ties go to the first
/// @param queue what waits
public record ClusterView(long version, List<NodeCapacity> nodes, PendingQueue queue) {}
