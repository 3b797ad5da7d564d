package io.atoll.client.api;

import java.time.Instant;

/// A hub's word of where its record ended.
///
/// @param seq of the last entry; 0 = there was none
/// @param hash SHA-256 of that entry, as it is exported
/// @param signature of the hub's key, base64
public record AuditEndView(String hub, long seq, String hash, Instant at, String signature) {}
