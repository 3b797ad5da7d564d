package io.atoll.core.multiformat;

import java.net.Inet6Address;
import java.util.regex.Pattern;

/// IP addresses as text, without ever asking a name server. IPv6 prints as RFC 5952 wants it.
public final class IpText {
  private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern IP6_CHARACTERS = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  private IpText() {}

  public static byte[] parse4(String text) {
    String[] words = text.length() <= 15 ? text.split("\\.", -1) : new String[0];
    byte[] bytes = new byte[4];
    boolean good = words.length == 4;
    for (int i = 0; good && i < 4; i++) {
      good = DECIMAL.matcher(words[i]).matches() && Integer.parseInt(words[i]) < 256;
      bytes[i] = good ? (byte) Integer.parseInt(words[i]) : 0;
    }
    if (!good) {
      throw new IllegalArgumentException("not an IPv4 address, such as 10.0.0.7");
    }
    return bytes;
  }

  public static byte[] parse6(String text) {
    if (!text.contains(":") || !IP6_CHARACTERS.matcher(text).matches()) {
      throw new IllegalArgumentException("not an IPv6 address, such as fd00::7");
    }
    byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
    if (bytes.length == 16) {
      return bytes;
    }
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }

  public static String print4(byte[] bytes) {
    return (bytes[0] & 0xff)
        + "."
        + (bytes[1] & 0xff)
        + "."
        + (bytes[2] & 0xff)
        + "."
        + (bytes[3] & 0xff);
  }

  public static String print6(byte[] bytes) {
    int[] words = new int[8];
    for (int i = 0; i < 8; i++) {
      words[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int gapStart = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && words[end] == 0) {
        end++;
      }
      if (end - i > gapLength) {
        gapStart = i;
        gapLength = end - i;
      }
      i = Math.max(i, end - 1);
    }
    var text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(words[i]));
    }
    return text.toString();
  }
}
