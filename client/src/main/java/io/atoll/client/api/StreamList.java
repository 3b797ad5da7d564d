package io.atoll.client.api;

import java.util.List;

/// Open streams, oldest first.
public record StreamList(List<StreamView> streams) {}
