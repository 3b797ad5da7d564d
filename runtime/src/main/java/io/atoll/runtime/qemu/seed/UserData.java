package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Locale;

/// What the caller wants cloud-init to do, handed on byte for byte. Only what cloud-init would take
/// silently for nothing is refused: it ignores data whose first line it does not know.
public final class UserData {
  private static final int MAX = 1 << 20;
  private static final List<String> KINDS =
      List.of(
          "#cloud-config",
          "#!",
          "#cloud-boothook",
          "#include",
          "#part-handler",
          "#cloud-config-archive",
          "## template: jinja");

  public static final UserData NONE = new UserData("#cloud-config\n{}\n".getBytes(UTF_8));

  private final byte[] bytes;

  private UserData(byte[] bytes) {
    this.bytes = bytes;
  }

  /// @throws IllegalArgumentException if it is larger than a mebibyte or of no kind that cloud-init
  ///     knows
  public static UserData of(byte[] bytes) {
    if (bytes.length == 0) {
      return NONE;
    }
    if (bytes.length > MAX) {
      throw new IllegalArgumentException(
          "user-data of "
              + bytes.length
              + " bytes; at most "
              + MAX
              + " are taken: let it fetch what is large");
    }
    boolean packed = bytes.length > 2 && bytes[0] == 0x1f && (bytes[1] & 0xff) == 0x8b;
    String start = new String(bytes, 0, Math.min(4096, bytes.length), ISO_8859_1);
    boolean known = KINDS.stream().anyMatch(start::startsWith);
    boolean mail =
        start.lines().takeWhile(line -> !line.isEmpty()).anyMatch(UserData::namesMultipart);
    if (!packed && !known && !mail) {
      throw new IllegalArgumentException(
          "cloud-init would ignore this user-data: its first line is '"
              + start.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?").strip()
              + "'; begin it with #cloud-config, #! or a MIME header");
    }
    return new UserData(bytes.clone());
  }

  private static boolean namesMultipart(String line) {
    return line.toLowerCase(Locale.ROOT).startsWith("content-type: multipart/");
  }

  public boolean none() {
    return this == NONE;
  }

  public byte[] bytes() {
    return bytes.clone();
  }
}
