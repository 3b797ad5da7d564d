package io.atoll.client.api;

import java.util.List;

/// Keys of apps.
public record KeyList(List<KeyView> keys) {}
