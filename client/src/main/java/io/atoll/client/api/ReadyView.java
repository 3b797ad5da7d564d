package io.atoll.client.api;

import java.util.List;

/// Whether the hub can take tasks.
///
/// @param reasons one for each thing that is not ready
public record ReadyView(boolean ready, List<String> reasons) {}
