package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Each way to a peer, tried by itself.
public record TraceView(PeerId peer, List<TraceStep> steps) {}
