package io.atoll.market.activity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/// The fingerprint of a desired set, by which hub and provider notice that they disagree: the first
/// 16 bytes of SHA-256 over the lines `<run> <desired>` in order of runs.
public final class DesiredDigest {
  private DesiredDigest() {}

  public static String of(Collection<Order> orders) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    orders.stream()
        .map(order -> order.run() + " " + order.desired() + "\n")
        .sorted()
        .forEach(line -> sha256.update(line.getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(sha256.digest(), 0, 16);
  }
}
