package io.atoll.runtime.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.runtime.guest.GuestFrame;
import io.atoll.runtime.guest.GuestFrames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AgentFramesTest {
  private static GuestFrames over(byte[] bytes) {
    return new GuestFrames(Channels.newChannel(new ByteArrayInputStream(bytes)));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /// What a guest of version 1 sends; its bytes never change.
  @Test
  void readsRecordedBytes() throws IOException {
    byte[] started = HexFormat.of().parseHex("4154474101430000" + crc("01430000"));
    GuestFrame frame = over(started).next();
    assertThat(frame).isNotNull();
    assertThat(AgentMessage.of(frame)).contains(new AgentMessage.Started());
    assertThat(bytes(GuestFrame.encode(AgentType.STARTED, new byte[0]))).isEqualTo(started);
  }

  private static String crc(String hex) {
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(HexFormat.of().parseHex(hex));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  @Test
  void aFrameCutOffByAnotherIsPassedOver() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] body = new byte[1000];
    java.util.Arrays.fill(body, (byte) 'x');
    byte[] whole = bytes(GuestFrame.encode(AgentType.OUTPUT, body));
    line.write(whole, 0, 500);
    line.write(new byte[GuestFrame.HEAD + GuestFrame.LONGEST_BODY]);
    line.write(bytes(GuestFrame.encode(AgentType.WELCOME, new byte[17])));
    GuestFrame frame = over(line.toByteArray()).next();
    assertThat(frame).isNotNull();
    assertThat(frame.type()).isEqualTo(AgentType.WELCOME);
  }

  /// Frames with damage between and in them: those that are whole are found, nothing else fails.
  /// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for a long run.
  @Test
  void damagedLines() throws IOException {
    Fuzz.rounds("agent frames", 5_000, AgentFramesTest::round);
  }

  private static void round(Random random) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    List<Integer> sound = new ArrayList<>();
    int[] types = {AgentType.WELCOME, AgentType.OUTPUT, AgentType.STARTED, AgentType.EXIT, 99};
    for (int i = random.nextInt(5); i >= 0; i--) {
      byte[] body = new byte[random.nextInt(60)];
      random.nextBytes(body);
      int type = types[random.nextInt(types.length)];
      byte[] frame = bytes(GuestFrame.encode(type, body));
      switch (random.nextInt(4)) {
        case 0 -> frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
        case 1 -> line.write(frame, 0, random.nextInt(4)); // not even a magic
        default -> {}
      }
      boolean damaged = !isSound(frame);
      line.write(frame);
      if (damaged) {
        // A length that lies may take what follows with it.
        line.write(new byte[GuestFrame.HEAD + GuestFrame.LONGEST_BODY]);
      } else {
        sound.add(type);
      }
    }
    GuestFrames frames = over(line.toByteArray());
    List<Integer> found = new ArrayList<>();
    for (GuestFrame it = frames.next(); it != null; it = frames.next()) {
      found.add(it.type());
      assertThat(AgentMessage.of(it)).isNotNull();
    }
    assertThat(found).isEqualTo(sound);
  }

  private static boolean isSound(byte[] frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    return bytes.getInt(0) == GuestFrame.MAGIC
        && bytes.get(4) == GuestFrame.VERSION
        && bytes.getShort(6) == frame.length - GuestFrame.HEAD
        && bytes.getInt(8) == GuestFrame.checksum(bytes, 0, frame.length - GuestFrame.HEAD);
  }
}
