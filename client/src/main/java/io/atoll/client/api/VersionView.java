package io.atoll.client.api;

/// What runs.
///
/// @param commit it was built from; `unknown` for a build outside a repository
/// @param java version of the JVM
/// @param os name and architecture
public record VersionView(String version, String commit, String java, String os) {}
