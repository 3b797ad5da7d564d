package io.atoll.client.api;

/// How often a rule decided, see [EgressSum].
///
/// @param rule as people write it, such as `allow 0.0.0.0/0 tcp 443`
public record EgressRuleUse(String rule, long packets, long bytes) {}
