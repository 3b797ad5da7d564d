package io.atoll.daemon.golem;

import io.atoll.core.identity.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Ids of nodes as Golem writes them: `0x` and 40 hexadecimal digits. Ours follow from what they
/// name, so they are the same after a restart; one machine has another in each role, and another in
/// each agreement, since Golem's clients give each id one address in a network.
final class NodeIds {
  private static final Pattern FORM = Pattern.compile("0x[0-9a-f]{40}");

  private NodeIds() {}

  static boolean isId(String text) {
    return FORM.matcher(text).matches();
  }

  /// Who asks, with a key of this hub.
  static String requestor(PeerId hub, String keyId) {
    return derived("requestor", hub.text(), keyId);
  }

  /// A provider, whatever was agreed with it.
  static String provider(PeerId node) {
    return derived("provider", node.text(), "");
  }

  /// A provider in one agreement.
  static String agreement(PeerId node, String agreement) {
    return derived("agreement", node.text(), agreement);
  }

  private static String derived(String role, String who, String what) {
    byte[] words =
        ("atoll golem node " + role + " " + who + " " + what).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(words);
      return "0x" + HexFormat.of().formatHex(Arrays.copyOf(digest, 20));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
