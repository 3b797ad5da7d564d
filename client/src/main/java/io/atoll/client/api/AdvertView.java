package io.atoll.client.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.PeerId;
import java.time.Instant;

/// What a node advertises: signed by it, and good until it expires.
///
/// @param timestamp when it was signed, by the node's clock
/// @param data of a `provider` or a `hub`, as its `type` says
/// @param signature the whole signed record (an envelope of libp2p's RFC 0002), base64
public record AdvertView(
    PeerId peer_id, Instant timestamp, Instant expires, JsonNode data, String signature) {}
