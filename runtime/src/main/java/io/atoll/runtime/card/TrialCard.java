package io.atoll.runtime.card;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.runtime.driver.NetworkCard;
import java.security.SecureRandom;

/// A card of no network, for finding out whether payloads can have any.
public final class TrialCard {
  private TrialCard() {}

  /// Its addresses are from the blocks for examples (RFC 5737, RFC 3849): nobody else has them.
  public static NetworkCard make() {
    return new NetworkCard(
        NetworkId.random(new SecureRandom()),
        "net0",
        MacAddress.parse("02:00:00:00:00:01"),
        IpAddress.parse("192.0.2.2"),
        24,
        IpAddress.parse("2001:db8::2"),
        64,
        IpAddress.parse("192.0.2.1"),
        IpAddress.parse("2001:db8::1"),
        1280,
        "trial.internal",
        "trial");
  }
}
