package io.atoll.market.payment;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.math.BigInteger;
import java.util.Locale;

/// A payment is a transaction, named by its hash. Its receipt says whether it went through; whom it
/// paid, and how much, only the transaction itself says. Tokens are not looked at.
public final class EthereumPayments implements PaymentCheck, AutoCloseable {
  private static final String HASH = "0x[0-9a-f]{64}";
  private static final String QUANTITY = "0x[0-9a-f]{1,64}";

  private final EthereumTerms terms;
  private final JsonRpc rpc;

  public EthereumPayments(EthereumTerms terms) {
    this.terms = terms;
    this.rpc = new JsonRpc(terms.rpc());
  }

  @Override
  public String check(String reference) throws InterruptedException {
    String hash = reference.toLowerCase(Locale.ROOT);
    if (!hash.matches(HASH)) {
      throw new AtollException(
          ErrorCode.PAYMENT_MALFORMED,
          "the payment's reference is no transaction: it has " + reference.length() + " characters",
          "write the transaction's hash: 0x and 64 hexadecimal digits");
    }
    long until = System.nanoTime() + terms.timeout().toNanos();
    JsonNode receipt = rpc.call("eth_getTransactionReceipt", hash, until);
    if (receipt.isNull()) {
      throw new AtollException(
          ErrorCode.PAYMENT_UNKNOWN,
          "the chain has no receipt of transaction " + hash,
          "is it on the chain that this node asks, and in a block already? Then try again");
    }
    same(hash, receipt.path("transactionHash"));
    if (!receipt.path("status").asText().equals("0x1")) {
      throw invalid(hash, "did not go through", "name a transaction that did");
    }
    if (terms.recipient().isPresent() || terms.least().signum() > 0) {
      JsonNode transaction = rpc.call("eth_getTransactionByHash", hash, until);
      same(hash, transaction.path("hash"));
      whomAndHowMuch(hash, transaction);
    }
    return hash;
  }

  private void whomAndHowMuch(String hash, JsonNode transaction) {
    String to = transaction.path("to").asText().toLowerCase(Locale.ROOT);
    if (terms.recipient().isPresent() && !terms.recipient().get().equals(to)) {
      throw invalid(hash, "paid somebody else", "pay " + terms.recipient().get());
    }
    String value = transaction.path("value").asText().toLowerCase(Locale.ROOT);
    BigInteger paid =
        value.matches(QUANTITY) ? new BigInteger(value.substring(2), 16) : BigInteger.ZERO;
    if (paid.compareTo(terms.least()) < 0) {
      throw invalid(
          hash,
          "paid " + paid + " wei",
          "pay at least " + terms.least() + " wei in one transaction");
    }
  }

  /// An answer about something else is no answer.
  private void same(String hash, JsonNode answered) {
    if (!answered.asText().toLowerCase(Locale.ROOT).equals(hash)) {
      throw rpc.strange("it spoke of another transaction", null);
    }
  }

  private static AtollException invalid(String hash, String why, String hint) {
    return new AtollException(ErrorCode.PAYMENT_INVALID, "transaction " + hash + " " + why, hint);
  }

  @Override
  public void close() {
    rpc.close();
  }
}
