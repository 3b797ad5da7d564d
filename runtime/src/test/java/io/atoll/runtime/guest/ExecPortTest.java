package io.atoll.runtime.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a guest may send to the host's side of the sessions' port: anything.
class ExecPortTest {
  private static final long NONCE = 77;

  /// Says what it was given, and takes everything.
  private static final class Said implements ByteChannel {
    private final ReadableByteChannel in;

    Said(byte[] bytes) {
      this.in = Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return in.read(into);
    }

    @Override
    public int write(ByteBuffer from) {
      int n = from.remaining();
      from.position(from.limit());
      return n;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static byte[] frame(int type, ByteBuffer body) {
    byte[] bytes = new byte[body.position()];
    body.flip().get(bytes);
    ByteBuffer frame = GuestFrame.encode(type, bytes);
    byte[] whole = new byte[frame.remaining()];
    frame.get(whole);
    return whole;
  }

  private static byte[] said(int line, byte[] data) {
    return frame(ExecMessage.SAID, ByteBuffer.allocate(4 + data.length).putInt(line).put(data));
  }

  private static byte[] closed(int line, int why) {
    return frame(ExecMessage.CLOSED, ByteBuffer.allocate(5).putInt(line).put((byte) why));
  }

  private static byte[] read(PortLine line) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] piece = new byte[1000];
    try {
      for (int n = line.in().read(piece); n >= 0; n = line.in().read(piece)) {
        all.write(piece, 0, n);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("QEMU closed the guest's port|more came than was read");
    }
    return all.toByteArray();
  }

  private static ExecPort hearing(ByteArrayOutputStream line, long welcome) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(frame(ExecMessage.WELCOME, ByteBuffer.allocate(8).putLong(welcome)));
    whole.writeBytes(line.toByteArray());
    return new ExecPort(new Said(whole.toByteArray()), NONCE);
  }

  /// What a guest of version 1 sends; its bytes never change.
  @Test
  void readsRecordedBytes() throws IOException {
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                ("41544741 0142000e a70a62d5 0108 7365737331323334 6e6f7065"
                        + "41544741 01450005 f884fb86 00000007 01")
                    .replace(" ", ""));
    GuestFrames frames = new GuestFrames(Channels.newChannel(new ByteArrayInputStream(bytes)));
    GuestFrame first = frames.next();
    assertThat(first).isNotNull();
    assertThat(ExecMessage.of(first))
        .contains(new ExecMessage.Begun(ExecMessage.How.BEFORE, "sess1234", "nope"));
    GuestFrame second = frames.next();
    assertThat(second).isNotNull();
    assertThat(ExecMessage.of(second))
        .contains(new ExecMessage.Closed(7, ExecMessage.Why.NO_SESSION));
  }

  @Test
  void anEarlierHostsBytesReachNobody() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(said(1, "stale".getBytes()));
    ExecPort port = hearing(line, NONCE + 1);
    PortLine one = port.newLine();
    port.read();
    assertThat(read(one)).isEmpty();
  }

  @Test
  void aLineThatIsNotReadIsClosedAndTheOthersGoOn() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] much = new byte[10_000];
    for (int i = 0; i < 2 * PortLine.MOST / much.length; i++) {
      line.writeBytes(said(1, much));
    }
    line.writeBytes(said(2, "fine".getBytes()));
    line.writeBytes(closed(2, 0));
    ExecPort port = hearing(line, NONCE);
    PortLine slow = port.newLine();
    PortLine other = port.newLine();
    port.read();
    assertThat(read(slow).length).isLessThanOrEqualTo(PortLine.MOST);
    assertThat(read(other)).isEqualTo("fine".getBytes());
    assertThat(port.hasLines()).isFalse();
  }

  /// Frames with damage between and in them: what is whole arrives on its line, nothing else does.
  /// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for a long run.
  @Test
  void damagedLines() throws IOException {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 20_000);
    System.out.println("seed " + seed + ", " + rounds + " rounds");
    for (int round = 0; round < rounds; round++) {
      try {
        round(new Random(seed + round));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("round seed " + (seed + round), e);
      }
    }
  }

  private static void round(Random random) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteArrayOutputStream[] expected = new ByteArrayOutputStream[3];
    boolean[] over = new boolean[3];
    for (int i = 0; i < 3; i++) {
      expected[i] = new ByteArrayOutputStream();
    }
    for (int i = random.nextInt(8); i >= 0; i--) {
      int number = random.nextInt(5); // lines 0 and 4 are nobody's
      byte[] data = new byte[random.nextInt(40)];
      random.nextBytes(data);
      boolean says = random.nextInt(3) > 0;
      int why = random.nextInt(6) - 1;
      int other =
          new int[] {ExecMessage.BEGUN, ExecMessage.OPENED, ExecMessage.WELCOME, 99}
              [random.nextInt(4)];
      byte[] frame =
          random.nextInt(5) == 0
              ? frame(other, ByteBuffer.allocate(data.length).put(data))
              : says ? said(number, data) : closed(number, why);
      switch (random.nextInt(5)) {
        case 0 -> {
          frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
          line.writeBytes(frame);
          // A length that lies may take what follows with it.
          line.write(new byte[GuestFrame.HEAD + GuestFrame.LONGEST_BODY]);
          continue;
        }
        case 1 -> line.write(frame, 0, random.nextInt(4)); // not even a magic
        default -> {}
      }
      line.writeBytes(frame);
      boolean ours = number >= 1 && number <= 3 && !over[number - 1];
      if (ours && frame[5] == ExecMessage.SAID && data.length > 0) {
        expected[number - 1].writeBytes(data);
      } else if (ours && frame[5] == ExecMessage.CLOSED && why >= 0 && why < 4) {
        over[number - 1] = true;
      }
    }
    ExecPort port = hearing(line, NONCE);
    PortLine[] lines = {port.newLine(), port.newLine(), port.newLine()};
    port.read();
    for (int i = 0; i < 3; i++) {
      assertThat(read(lines[i])).isEqualTo(expected[i].toByteArray());
    }
    assertThat(port.isOpen()).isFalse();
  }
}
