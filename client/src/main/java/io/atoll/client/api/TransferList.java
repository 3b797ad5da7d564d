package io.atoll.client.api;

import java.util.List;

/// Transfers, oldest first.
public record TransferList(List<TransferView> transfers) {}
