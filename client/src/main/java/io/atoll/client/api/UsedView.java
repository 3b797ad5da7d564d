package io.atoll.client.api;

/// How much of something is in use, by whomever, in GiB.
public record UsedView(double used, double total) {}
