package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.market.agreement.Offer;
import java.time.Instant;

/// A provider that joined, in the store. Whether it is there now is not durable.
public record NodeRow(PeerId id, Offer offer, Instant joinedAt) {}
