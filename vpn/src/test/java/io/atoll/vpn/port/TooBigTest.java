package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TooBigTest {
  private static final byte[] FOUR = {10, 9, 1, 1};
  private static final byte[] SIX = {(byte) 0xfd, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final TooBig tooBig = new TooBig();
  private final PacketBatch batch = PacketBatch.usual();
  private final PacketBatch answers = PacketBatch.usual();

  private byte[] answer(byte[] packet, int mtu, byte[] from) {
    batch.clear();
    answers.clear();
    Packets.add(batch, packet);
    assertThat(tooBig.answer(batch, 0, 0, mtu, from, answers)).isTrue();
    return answers.memory().asSlice(answers.offset(0), answers.length(0)).toArray(JAVA_BYTE);
  }

  private static int ones(byte[] bytes, int from, int start) {
    int sum = start;
    for (int i = from; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }

  @Test
  void theSenderIsToldTheMtu() {
    byte[] packet =
        Packets.make(
            Packets.flow("10.9.1.2", "10.9.2.2", 80, true), -1, 1, Packets.ACK, new byte[1300]);
    byte[] said = answer(packet, 1280, FOUR);
    ByteBuffer at = ByteBuffer.wrap(said);
    assertThat(said).hasSize(576);
    assertThat(at.getShort(2)).isEqualTo((short) 576);
    assertThat(Arrays.copyOfRange(said, 12, 20)).isEqualTo(new byte[] {10, 9, 1, 1, 10, 9, 1, 2});
    assertThat(said[20]).isEqualTo((byte) 3);
    assertThat(said[21]).isEqualTo((byte) 4);
    assertThat(at.getShort(26)).isEqualTo((short) 1280);
    assertThat(Arrays.copyOfRange(said, 28, 576)).isEqualTo(Arrays.copyOf(packet, 548));
    assertThat(ones(Arrays.copyOf(said, 20), 0, 0)).isEqualTo(0xffff);
    assertThat(ones(said, 20, 0)).isEqualTo(0xffff);
  }

  @Test
  void alsoOverIpv6() {
    byte[] packet =
        Packets.make(Packets.flow("fd09:1::2", "fd09:2::2", 80, false), 0, 0, 0, new byte[1381]);
    byte[] said = answer(packet, 1300, SIX);
    assertThat(said).hasSize(1280);
    assertThat(said[40]).isEqualTo((byte) 2);
    assertThat(ByteBuffer.wrap(said).getInt(44)).isEqualTo(1300);
    assertThat(Arrays.copyOfRange(said, 8, 24)).isEqualTo(SIX);
    assertThat(Arrays.copyOfRange(said, 24, 40)).isEqualTo(Arrays.copyOfRange(packet, 8, 24));
    byte[] pseudo = Arrays.copyOfRange(said, 8, 40);
    assertThat(ones(said, 40, ones(pseudo, 0, 58 + 1240))).isEqualTo(0xffff);
  }

  @Test
  void onlyWhatIsTooLongAndMayNotBeCutIsConcerned() {
    Packets.Flow four = Packets.flow("10.9.1.2", "10.9.2.2", 80, true);
    batch.clear();
    Packets.add(batch, Packets.make(four, -1, 1, Packets.ACK, new byte[1241]));
    Packets.add(batch, Packets.make(four, -1, 1, Packets.ACK, new byte[1240]));
    Packets.add(batch, Packets.make(four, 5, 1, Packets.ACK, new byte[1241]));
    byte[] whole = Packets.make(four, -1, 1, Packets.ACK, new byte[5000]);
    Packets.addUnsummed(batch, whole, 1240, new byte[0]);
    Packets.addUnsummed(batch, whole, 1241, new byte[0]);
    assertThat(tooBig.concerns(batch, 0, 0, 1280)).isTrue();
    assertThat(tooBig.concerns(batch, 1, 0, 1280)).isFalse();
    assertThat(tooBig.concerns(batch, 2, 0, 1280)).isFalse();
    assertThat(tooBig.concerns(batch, 3, 0, 1280)).isFalse();
    assertThat(tooBig.concerns(batch, 4, 0, 1280)).isTrue();
  }

  @Test
  void nobodyIsToldAboutErrorsAndWhatManyGot() {
    byte[] packet =
        Packets.make(
            Packets.flow("10.9.1.2", "10.9.2.2", 80, true), -1, 1, Packets.ACK, new byte[1300]);
    refused(answer(packet, 1280, FOUR), FOUR);
    refused(
        Packets.make(Packets.flow("10.9.1.2", "224.0.0.5", 8, false), -1, 0, 0, new byte[9]), FOUR);
    refused(
        Packets.make(Packets.flow("0.0.0.0", "10.9.1.5", 8, false), -1, 0, 0, new byte[9]), FOUR);
    byte[] six =
        Packets.make(Packets.flow("fd09:1::2", "fd09:2::2", 80, false), 0, 0, 0, new byte[1300]);
    refused(answer(six, 1280, SIX), SIX);
    refused(Packets.make(Packets.flow("::", "fd09::5", 8, false), 0, 0, 0, new byte[9]), SIX);
  }

  private void refused(byte[] packet, byte[] from) {
    batch.clear();
    answers.clear();
    Packets.add(batch, packet);
    assertThat(tooBig.answer(batch, 0, 0, 1280, from, answers)).isFalse();
    assertThat(answers.count()).isZero();
  }

  @Test
  void anyPacketIsAnsweredOrNot() {
    List<byte[]> samples =
        List.of(
            Packets.make(Packets.flow("10.9.1.2", "10.9.2.2", 8, true), -1, 1, 16, new byte[900]),
            Packets.make(Packets.flow("fd09:1::2", "fd09::2", 8, false), 0, 0, 0, new byte[90]));
    Fuzz.rounds(
        "too big",
        5_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          if (bytes.length == 0) {
            return;
          }
          batch.clear();
          answers.clear();
          Packets.add(batch, bytes);
          tooBig.concerns(batch, 0, 0, 100);
          boolean said = tooBig.answer(batch, 0, 0, 1280, bytes[0] >> 4 == 4 ? FOUR : SIX, answers);
          assertThat(answers.count()).isEqualTo(said ? 1 : 0);
          if (said) {
            assertThat(answers.length(0)).isLessThanOrEqualTo(1280);
          }
        });
  }
}
