package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  private static final MemorySegment MEMORY = Arena.ofAuto().allocate(70_000, 64);

  /// RFC 1071, section 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
  @Test
  void theExampleOfTheSpecification() {
    byte[] bytes = {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
    MemorySegment.copy(bytes, 0, MEMORY, JAVA_BYTE, 0, 8);
    int sum = Checksum.fold(Checksum.add(MEMORY, 0, 8, 0));
    assertThat(Short.toUnsignedInt(Short.reverseBytes((short) sum))).isEqualTo(0xddf2);
  }

  @Test
  void anyBytesAddUpAsByteByByte() {
    Fuzz.rounds(
        "checksums",
        5_000,
        random -> {
          byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 65_536 : 200)];
          random.nextBytes(bytes);
          if (random.nextInt(4) == 0) {
            java.util.Arrays.fill(bytes, (byte) 0xff);
          }
          int at = random.nextInt(64);
          MemorySegment.copy(bytes, 0, MEMORY, JAVA_BYTE, at, bytes.length);
          int expected = 0;
          for (int i = 0; i < bytes.length; i++) {
            expected += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            expected = (expected & 0xffff) + (expected >>> 16);
          }
          int sum = Checksum.fold(Checksum.add(MEMORY, at, bytes.length, 0));
          assertThat(Short.toUnsignedInt(Short.reverseBytes((short) sum))).isEqualTo(expected);
        });
  }

  @Test
  void aChangedNumberNeedsNoNewSum() {
    Fuzz.rounds(
        "changed checksums",
        5_000,
        random -> {
          byte[] bytes = new byte[2 * (2 + random.nextInt(30))];
          random.nextBytes(bytes);
          MemorySegment.copy(bytes, 0, MEMORY, JAVA_BYTE, 0, bytes.length);
          int sum = ~Checksum.fold(Checksum.add(MEMORY, 0, bytes.length, 0)) & 0xffff;
          int at = 2 * random.nextInt(bytes.length / 2);
          int before = IpHeader.number(MEMORY, at);
          int after = random.nextInt(65_536);
          MEMORY.set(IpHeader.NETWORK_SHORT, at, (short) after);
          int whole = Checksum.add(MEMORY, 0, bytes.length, 0) == 0 ? 0 : 1;
          long added = Checksum.add(MEMORY, 0, bytes.length, 0);
          int changed = Checksum.changed(sum, before, after);
          // Both zeros of one's complement are right, so it is looked at as a receiver does.
          assertThat(Checksum.fold(added + changed)).isEqualTo(whole == 0 ? changed : 0xffff);
        });
  }
}
