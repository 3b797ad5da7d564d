package io.atoll.client.api;

/// The process answers.
///
/// @param status always `ok`; a process that is not does not answer
public record HealthView(String status) {}
