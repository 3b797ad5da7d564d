package io.atoll.client.api;

/// A new key. The hub keeps only its hash: this is the one time it is seen.
public record RedeemView(String key) {}
