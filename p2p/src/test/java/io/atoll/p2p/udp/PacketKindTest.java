package io.atoll.p2p.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketKindTest {
  private static byte[] packet(int length, String start) {
    byte[] packet = new byte[length];
    byte[] bytes = HexFormat.of().parseHex(start);
    System.arraycopy(bytes, 0, packet, 0, Math.min(length, bytes.length));
    return packet;
  }

  private static void is(PacketKind kind, int length, String start) {
    assertThat(PacketKind.of(ByteBuffer.wrap(packet(length, start)))).as(start).contains(kind);
  }

  private static void isNobodys(int length, String start) {
    assertThat(PacketKind.of(ByteBuffer.wrap(packet(length, start)))).as(start).isEmpty();
  }

  @Test
  void eachIsToldByItsFirstBytes() {
    is(PacketKind.QUIC, 1200, "c300000001");
    is(PacketKind.QUIC, 40, "41");
    is(PacketKind.WIREGUARD, 148, "01000000");
    is(PacketKind.WIREGUARD, 92, "02000000");
    is(PacketKind.WIREGUARD, 64, "03000000");
    is(PacketKind.WIREGUARD, 32, "04000000");
    is(PacketKind.WIREGUARD, 1456, "04000000");
    // A full packet of stock WireGuard: an MTU of 1420 is no multiple of 16.
    is(PacketKind.WIREGUARD, 1452, "04000000");
    is(PacketKind.PATH, 54, "8a417401");
    is(PacketKind.RELAY, 8, "8a417410");
    is(PacketKind.RELAYED, 8, "8a417418");
    is(PacketKind.STUN, 20, "000100002112a442");
    is(PacketKind.STUN, 28, "010100082112a442");
  }

  @Test
  void whatDoesNotFitIsNobodys() {
    isNobodys(0, "");
    isNobodys(1, "00");
    isNobodys(149, "01000000");
    isNobodys(148, "01000001");
    isNobodys(31, "04000000");
    isNobodys(64, "05000000");
    isNobodys(20, "000100002112a443");
    isNobodys(24, "000100002112a442");
    isNobodys(22, "000100022112a442");
    isNobodys(100, "80");
    isNobodys(7, "8a417401");
    isNobodys(54, "8a417420");
    isNobodys(54, "8a427401");
  }

  @Test
  void anyPacketIsToldWithoutAnError() {
    byte[] stun = packet(28, "010100082112a442");
    byte[] wireGuard = packet(148, "01000000");
    Fuzz.rounds(
        "udp packets",
        50_000,
        random -> {
          ByteBuffer packet =
              ByteBuffer.wrap(Fuzz.bytes(random, List.of(stun, wireGuard, packet(54, "8a417401"))));
          int before = packet.position();
          PacketKind.of(packet);
          assertThat(packet.position()).isEqualTo(before);
        });
  }
}
