package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// What becomes of packets of a network for some addresses outside.
///
/// @param action `allow` or `deny`
/// @param to a block of addresses, such as `0.0.0.0/0` or `2001:db8::/32`
/// @param protocol `tcp`, `udp`, `icmp` or `any`
/// @param ports one or a range, such as `443` or `8000-8999`; null = all
public record EgressRuleView(String action, String to, String protocol, @Nullable String ports) {
  /// As people read and write it.
  public String text() {
    return action
        + " "
        + to
        + (protocol.equals("any") ? "" : " " + protocol)
        + (ports == null ? "" : " " + ports);
  }
}
