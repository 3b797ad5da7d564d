package io.atoll.vpn.vswitch;

import io.atoll.vpn.network.EgressRule;

/// What a rule decided on: entries as the ports have them, which went or stayed as the rule says.
public record EgressCount(EgressRule rule, long packets, long bytes) {}
