package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// The body of every error (RFC 9457), `application/problem+json`.
///
/// @param code one of `io.atoll.core.error.ErrorCode`
/// @param detail what was tried and on what
/// @param hint what to do next
public record Problem(
    String type, String title, int status, String code, String detail, @Nullable String hint) {}
