package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// Trades an app's invite for a key.
///
/// @param name what people call the app
public record RedeemRequest(String invite, @Nullable String name) {}
