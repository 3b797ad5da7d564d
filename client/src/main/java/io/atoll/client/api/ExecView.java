package io.atoll.client.api;

/// A command that was begun.
public record ExecView(String session) {}
