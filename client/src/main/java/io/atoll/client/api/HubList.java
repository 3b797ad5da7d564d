package io.atoll.client.api;

import java.util.List;

/// Hubs that the provider of this daemon joined.
public record HubList(List<HubView> hubs) {}
