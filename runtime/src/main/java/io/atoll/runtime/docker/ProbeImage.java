package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// The smallest image that runs: one program of two hundred bytes that exits with 42, made here, so
/// that an engine can be tried without fetching anything.
final class ProbeImage {
  static final String PROGRAM = "/probe";
  static final int EXIT_CODE = 42;

  private static final long ADDRESS = 0x400000;
  private static final int HEADERS = 64 + 56;

  private ProbeImage() {}

  /// Its root file system as a tar archive; empty for an architecture that it is not written for.
  ///
  /// @param architecture as the engine writes it, such as `x86_64` or `aarch64`
  static Optional<byte[]> tar(String architecture) {
    return switch (architecture) {
      case "x86_64", "amd64" ->
          // mov edi, 42; mov eax, 60 (exit); syscall
          Optional.of(tar(elf(0x3e, HexFormat.of().parseHex("bf2a000000b83c0000000f05"))));
      case "aarch64", "arm64" ->
          // mov x0, 42; mov x8, 93 (exit); svc 0
          Optional.of(tar(elf(0xb7, HexFormat.of().parseHex("400580d2a80b80d2010000d4"))));
      default -> Optional.empty();
    };
  }

  /// An executable of one loaded segment, after the System V ABI, chapters 4 and 5.
  private static byte[] elf(int machine, byte[] code) {
    int size = HEADERS + code.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    elf.putShort((short) 2).putShort((short) machine).putInt(1);
    elf.putLong(ADDRESS + HEADERS).putLong(64).putLong(0).putInt(0);
    elf.putShort((short) 64).putShort((short) 56).putShort((short) 1);
    elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    elf.putInt(1).putInt(5).putLong(0).putLong(ADDRESS).putLong(ADDRESS);
    elf.putLong(size).putLong(size).putLong(0x1000);
    return elf.put(code).array();
  }

  /// One file of mode 0755 in the ustar format (POSIX.1, pax, "ustar Interchange Format").
  static byte[] tar(byte[] program) {
    byte[] header = new byte[512];
    put(header, 0, PROGRAM.substring(1));
    put(header, 100, "0000755\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format(Locale.ROOT, "%011o\0", program.length));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    put(header, 156, "0");
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.writeBytes(header);
    tar.writeBytes(program);
    tar.writeBytes(new byte[Math.floorMod(-program.length, 512) + 1024]);
    return tar.toByteArray();
  }

  private static void put(byte[] into, int at, String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    System.arraycopy(bytes, 0, into, at, bytes.length);
  }
}
