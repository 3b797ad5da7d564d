package io.atoll.runtime.image;

import io.atoll.runtime.image.manifest.Platform;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the first bytes of a file say of it: an executable of Linux (ELF), Windows (PE) or macOS
/// (Mach-O), or a script.
///
/// @param platform it runs on; null for a script
/// @param interpreter the loader or interpreter that it asks for; null for a static program
public record ProgramFile(
    Format format, @Nullable Platform platform, @Nullable String interpreter) {
  /// How many first bytes are enough.
  public static final int ENOUGH = 64 << 10;

  /// Kinds of executables.
  public enum Format {
    ELF,
    PE,
    MACH_O,
    SCRIPT
  }

  /// Empty if the bytes are of no executable that is known.
  ///
  /// @param head the first bytes, `ENOUGH` or all
  public static Optional<ProgramFile> detect(byte[] head) {
    if (starts(head, 0x7f, 'E', 'L', 'F')) {
      return elf(head);
    }
    if (starts(head, 'M', 'Z')) {
      return pe(head);
    }
    if (starts(head, 0xcf, 0xfa, 0xed, 0xfe) || starts(head, 0xce, 0xfa, 0xed, 0xfe)) {
      return machO(head);
    }
    if (starts(head, '#', '!')) {
      int end = 2;
      while (end < head.length && end < 258 && head[end] != '\n') {
        end++;
      }
      String line =
          new String(head, 2, end - 2, java.nio.charset.StandardCharsets.ISO_8859_1).strip();
      String program = line.split("\\s", 2)[0];
      return program.startsWith("/")
          ? Optional.of(new ProgramFile(Format.SCRIPT, null, program))
          : Optional.empty();
    }
    return Optional.empty();
  }

  /// System V ABI, chapter 4: e_ident, e_type, e_machine, then the program headers.
  private static Optional<ProgramFile> elf(byte[] head) {
    if (head.length < 52 || head[4] < 1 || head[4] > 2 || head[5] < 1 || head[5] > 2) {
      return Optional.empty();
    }
    boolean wide = head[4] == 2;
    boolean little = head[5] == 1;
    int type = half(head, 16, little);
    if (type != 2 && type != 3) {
      // Neither an executable nor one that may lie anywhere.
      return Optional.empty();
    }
    String machine =
        switch (half(head, 18, little)) {
          case 3 -> "386";
          case 40 -> "arm";
          case 62 -> "amd64";
          case 183 -> "arm64";
          case 243 -> wide ? "riscv64" : "riscv32";
          case 21 -> little ? "ppc64le" : "ppc64";
          case 22 -> "s390x";
          case 258 -> "loong64";
          case 8 -> little ? "mipsle" : "mips";
          default -> "elf-machine-" + half(head, 18, little);
        };
    String os =
        switch (head[7]) {
          case 9 -> "freebsd";
          case 12 -> "openbsd";
          case 2 -> "netbsd";
          case 6 -> "solaris";
          // System V (0) and Linux (3).
          default -> "linux";
        };
    String variant = machine.equals("arm") ? "v7" : "";
    return Optional.of(
        new ProgramFile(
            Format.ELF, new Platform(os, machine, variant), interpreter(head, wide, little)));
  }

  private static @Nullable String interpreter(byte[] head, boolean wide, boolean little) {
    long at = wide ? word(head, 32, little, 8) : word(head, 28, little, 4);
    int size = half(head, wide ? 54 : 42, little);
    int count = Math.min(half(head, wide ? 56 : 44, little), 128);
    for (int i = 0; i < count; i++) {
      long header = at + (long) i * size;
      if (header < 0 || header > head.length - 56) {
        return null;
      }
      int from = (int) header;
      if (word(head, from, little, 4) == 3) {
        long offset = wide ? word(head, from + 8, little, 8) : word(head, from + 4, little, 4);
        long length = wide ? word(head, from + 32, little, 8) : word(head, from + 16, little, 4);
        if (offset < 0 || length <= 1 || length > 4096 || offset > head.length - length) {
          return "unknown";
        }
        return new String(
            head, (int) offset, (int) length - 1, java.nio.charset.StandardCharsets.ISO_8859_1);
      }
    }
    return null;
  }

  /// PE format: the header's place at 0x3c, `PE\0\0`, machine.
  private static Optional<ProgramFile> pe(byte[] head) {
    if (head.length < 0x40) {
      return Optional.empty();
    }
    long at = word(head, 0x3c, true, 4);
    if (at > head.length - 6 || head[(int) at] != 'P' || head[(int) at + 1] != 'E') {
      return Optional.empty();
    }
    String machine =
        switch (half(head, (int) at + 4, true)) {
          case 0x8664 -> "amd64";
          case 0xaa64 -> "arm64";
          case 0x14c -> "386";
          default -> "pe-machine-" + half(head, (int) at + 4, true);
        };
    return Optional.of(new ProgramFile(Format.PE, new Platform("windows", machine, ""), null));
  }

  private static Optional<ProgramFile> machO(byte[] head) {
    if (head.length < 28) {
      return Optional.empty();
    }
    int cpu = (int) word(head, 4, true, 4);
    String machine =
        switch (cpu) {
          case 0x0100_0007 -> "amd64";
          case 0x0100_000c -> "arm64";
          case 7 -> "386";
          default -> "mach-cpu-" + cpu;
        };
    return Optional.of(new ProgramFile(Format.MACH_O, new Platform("darwin", machine, ""), null));
  }

  private static boolean starts(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static int half(byte[] bytes, int at, boolean little) {
    return (int) word(bytes, at, little, 2);
  }

  /// An unsigned number; 0 where there are no bytes.
  private static long word(byte[] bytes, int at, boolean little, int width) {
    if (at < 0 || at > bytes.length - width) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < width; i++) {
      int shift = little ? i * 8 : (width - 1 - i) * 8;
      value |= (bytes[at + i] & 0xffL) << shift;
    }
    return value;
  }
}
