package io.atoll.runtime.qemu.seed;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// One public key of SSH as `authorized_keys` has it, without options: kind, key, comment. It is
/// one line of printable characters, whatever it came from.
public record SshKey(String line) {
  private static final int MAX = 16 << 10;

  public SshKey {
    String[] words = line.split(" ", 3);
    if (line.length() > MAX
        || !line.chars().allMatch(c -> c >= ' ' && c != 0x7f)
        || words.length < 2
        || !words[0].matches("(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]{1,60}")
        || !names(words[1], words[0])) {
      throw new IllegalArgumentException(
          "not a public key of SSH: '"
              + line.substring(0, Math.min(40, line.length())).replaceAll("\\p{Cntrl}", "?")
              + "'; give one line of a file ending in .pub, without options in front");
    }
  }

  /// Whether the key's own bytes begin with the kind that the line gives it.
  private static boolean names(String base64, String kind) {
    try {
      byte[] key = Base64.getDecoder().decode(base64);
      if (key.length < 4 + kind.length() || key[0] != 0 || key[1] != 0 || key[2] != 0) {
        return false;
      }
      boolean same = (key[3] & 0xff) == kind.length();
      for (int i = 0; same && i < kind.length(); i++) {
        same = key[4 + i] == kind.charAt(i);
      }
      return same;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// Reads lines as a `.pub` or `authorized_keys` file has them; empty ones and comments are left
  /// out.
  public static List<SshKey> lines(String text) {
    List<SshKey> keys = new ArrayList<>();
    for (String line : text.split("\\R")) {
      String one = line.strip();
      if (!one.isEmpty() && !one.startsWith("#")) {
        keys.add(new SshKey(one.replaceAll("\\s+", " ")));
      }
    }
    return keys;
  }
}
