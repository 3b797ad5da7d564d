package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atoll.core.os.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixDatagramPortTest extends PacketPortContract {
  private static final int MTU = 1500;

  @TempDir private Path folder;
  private int number;

  @BeforeEach
  void nativeCallsAreThere() {
    assumeTrue(Native.missing() == null, "unix datagram sockets need Linux: " + Native.missing());
  }

  @Override
  Link link() {
    return Link.ETHERNET;
  }

  @Override
  Ends open() throws IOException {
    Path near = folder.resolve("near" + ++number);
    Path far = folder.resolve("far" + number);
    return new Ends(UnixDatagramPort.open(near, far, MTU), UnixDatagramPort.open(far, near, MTU));
  }

  private static PacketBatch frames(int count) {
    PacketBatch batch = PacketBatch.usual();
    for (int i = 0; i < count; i++) {
      byte[] frame = new byte[60];
      frame[12] = 0x08;
      frame[13] = 0x06;
      frame[20] = (byte) i;
      Packets.add(batch, frame);
    }
    return batch;
  }

  @Test
  void aGuestThatIsAwayIsSurvivedAndFoundAgain() throws Exception {
    Path here = folder.resolve("here");
    Path guest = folder.resolve("guest");
    PacketBatch batch = PacketBatch.usual();
    try (UnixDatagramPort port = UnixDatagramPort.open(here, guest, MTU)) {
      assertThat(port.send(frames(3))).isZero();
      for (int life = 0; life < 2; life++) {
        try (UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU)) {
          assertThat(port.send(frames(3))).isEqualTo(3);
          assertThat(other.receive(batch)).isEqualTo(3);
          assertThat(other.send(frames(1))).isEqualTo(1);
          assertThat(port.receive(batch)).isEqualTo(1);
        }
        assertThat(port.send(frames(2))).isZero();
      }
      assertThat(port.counters().sentRefused()).isEqualTo(7);
      assertThat(port.counters().sent()).isEqualTo(6);
    }
  }

  @Test
  void aRestartBindsOverWhatWasLeft() throws Exception {
    Path here = folder.resolve("here");
    Path guest = folder.resolve("guest");
    UnixDatagramPort left = UnixDatagramPort.open(here, guest, MTU);
    try (UnixDatagramPort again = UnixDatagramPort.open(here, guest, MTU);
        UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU)) {
      assertThat(other.send(frames(1))).isEqualTo(1);
      assertThat(again.receive(PacketBatch.usual())).isEqualTo(1);
    } finally {
      left.close();
    }
    Files.writeString(here, "no socket");
    assertThatThrownBy(() -> UnixDatagramPort.open(here, guest, MTU))
        .hasMessageContaining("something else than a socket");
  }

  @Test
  void pathsAreAsLongAsTheyAre() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("x".repeat(100)).resolve("y".repeat(100)));
    Path here = deep.resolve("here");
    Path guest = deep.resolve("guest");
    try (UnixDatagramPort port = UnixDatagramPort.open(here, guest, MTU);
        UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU)) {
      assertThat(other.send(frames(1))).isEqualTo(1);
      assertThat(port.receive(PacketBatch.usual())).isEqualTo(1);
      assertThat(port.send(frames(2))).isEqualTo(2);
      assertThat(other.receive(PacketBatch.usual())).isEqualTo(2);
    }
    assertThat(here).doesNotExist();
  }

  /// A QEMU that its guest has taken over would have us send to a service of this machine.
  @Test
  void aLinkInThePlaceOfTheGuestIsNotFollowed() throws Exception {
    Path here = folder.resolve("here");
    Path guest = folder.resolve("guest");
    Path service = folder.resolve("service");
    try (UnixDatagramPort port = UnixDatagramPort.open(here, guest, MTU);
        UnixDatagramPort _ = UnixDatagramPort.open(service, here, MTU)) {
      Files.createSymbolicLink(guest, service);
      assertThat(port.send(frames(1))).isZero();
      Files.delete(guest);
      try (UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU)) {
        assertThat(port.send(frames(1))).isEqualTo(1);
        assertThat(other.receive(PacketBatch.usual())).isEqualTo(1);
      }
      Files.createSymbolicLink(guest, service);
      assertThat(port.send(frames(1))).isZero();
    }
  }

  @Test
  void whoComesLaterKeepsTheName() throws Exception {
    Path here = folder.resolve("here");
    Path guest = folder.resolve("guest");
    UnixDatagramPort earlier = UnixDatagramPort.open(here, guest, MTU);
    try (UnixDatagramPort later = UnixDatagramPort.open(here, guest, MTU);
        UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU)) {
      earlier.close();
      assertThat(other.send(frames(1))).isEqualTo(1);
      assertThat(later.receive(PacketBatch.usual())).isEqualTo(1);
    }
  }

  @Test
  void onlyTheGuestIsHeard() throws Exception {
    Path here = folder.resolve("here");
    Path guest = folder.resolve("guest");
    PacketBatch batch = PacketBatch.usual();
    try (UnixDatagramPort port = UnixDatagramPort.open(here, guest, MTU);
        UnixDatagramPort other = UnixDatagramPort.open(guest, here, MTU);
        UnixDatagramPort stranger = UnixDatagramPort.open(folder.resolve("gues"), here, MTU)) {
      assertThat(stranger.send(frames(2))).isEqualTo(2);
      assertThat(port.receive(batch)).isZero();
      // Too short for a frame, and too long for the card.
      PacketBatch odd = PacketBatch.usual();
      Packets.add(odd, new byte[13]);
      Packets.add(odd, new byte[MTU + 19]);
      Packets.add(odd, new byte[MTU + 18]);
      assertThat(other.send(odd)).isEqualTo(2);
      assertThat(port.receive(batch)).isEqualTo(1);
      assertThat(batch.length(0)).isEqualTo(MTU + 18);
      assertThat(port.counters().receivedMalformed()).isEqualTo(3);
      assertThat(other.counters().sentMalformed()).isEqualTo(1);
    }
  }
}
