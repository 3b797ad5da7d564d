package io.atoll.client.api;

import java.util.List;

/// The providers that joined.
public record NodeList(List<NodeView> nodes) {}
