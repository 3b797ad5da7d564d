package io.atoll.market.payment;

import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What counts as a payment on an Ethereum chain.
///
/// @param rpc JSON-RPC of a node of that chain, which is believed
/// @param recipient who has to be paid, `0x` and 40 hexadecimal digits; empty = anybody
/// @param least how much has to be paid, in wei
/// @param timeout for all that is asked about one payment
public record EthereumTerms(
    URI rpc, Optional<String> recipient, BigInteger least, Duration timeout) {
  private static final String ADDRESS = "0x[0-9a-f]{40}";

  public EthereumTerms {
    String scheme = String.valueOf(rpc.getScheme());
    if (!List.of("http", "https").contains(scheme) || rpc.getHost() == null) {
      throw new IllegalArgumentException("the JSON-RPC of a chain is an http or https URL");
    }
    recipient = recipient.map(text -> text.toLowerCase(Locale.ROOT));
    if (recipient.isPresent() && !recipient.get().matches(ADDRESS)) {
      throw new IllegalArgumentException("an Ethereum address is 0x and 40 hexadecimal digits");
    }
    if (least.signum() < 0) {
      throw new IllegalArgumentException("nobody pays less than nothing");
    }
  }

  /// Any transaction that went through.
  public static EthereumTerms of(URI rpc) {
    return new EthereumTerms(rpc, Optional.empty(), BigInteger.ZERO, Duration.ofSeconds(10));
  }

  public EthereumTerms paidTo(String address, BigInteger wei) {
    return new EthereumTerms(rpc, Optional.of(address), wei, timeout);
  }

  public EthereumTerms within(Duration limit) {
    return new EthereumTerms(rpc, recipient, least, limit);
  }
}
