package io.atoll.daemon;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.market.payment.EthereumTerms;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What has to be paid before a provider takes work.
final class PaymentSettings {
  static final Setting RPC =
      Setting.of("payment-rpc", "", "Ethereum JSON-RPC where payments are looked up");
  static final Setting TO = Setting.of("payment-to", "", "Ethereum address that has to be paid");
  static final Setting LEAST = Setting.of("payment-least", "0", "wei that have to be paid");

  static final List<Setting> ALL = List.of(RPC, TO, LEAST);

  private PaymentSettings() {}

  /// @return null where nothing has to be paid
  static @Nullable EthereumTerms terms(Settings said) {
    String rpc = UpSettings.text(said, RPC);
    String to = UpSettings.text(said, TO);
    BigInteger least = least(said);
    if (rpc.isEmpty()) {
      if (!to.isEmpty() || least.signum() > 0) {
        throw UpSettings.wrong(
            said,
            to.isEmpty() ? LEAST : TO,
            "name the chain's node as well: payment-rpc; without it nothing is asked for");
      }
      return null;
    }
    EthereumTerms any;
    try {
      any = EthereumTerms.of(URI.create(rpc));
    } catch (IllegalArgumentException e) {
      throw UpSettings.wrong(said, RPC, "write an http or https URL");
    }
    try {
      return new EthereumTerms(
          any.rpc(), to.isEmpty() ? Optional.empty() : Optional.of(to), least, any.timeout());
    } catch (IllegalArgumentException e) {
      throw UpSettings.wrong(said, TO, "write 0x and 40 hexadecimal digits");
    }
  }

  private static BigInteger least(Settings said) {
    String text = UpSettings.text(said, LEAST);
    if (text.isEmpty()) {
      return BigInteger.ZERO;
    }
    if (!text.matches("[0-9]{1,78}")) {
      throw UpSettings.wrong(said, LEAST, "write a number of wei, such as 1000000000000000");
    }
    return new BigInteger(text);
  }
}
