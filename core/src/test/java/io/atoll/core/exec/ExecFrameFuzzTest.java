package io.atoll.core.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Frames of a command beside a payload, as a stranger may send them.
class ExecFrameFuzzTest {
  private static final byte[] DATA = "some data".getBytes(java.nio.charset.StandardCharsets.UTF_8);
  private static final List<ExecFrame> SOUND =
      List.of(
          new ExecFrame.Attach(3, 4),
          new ExecFrame.Input(5, DATA),
          new ExecFrame.NoMore(14),
          new ExecFrame.Ack(1, 2),
          new ExecFrame.Resize(new TerminalSize(24, 80)),
          new ExecFrame.Signal(15),
          new ExecFrame.Release(),
          new ExecFrame.Ping(),
          new ExecFrame.Attached(9),
          new ExecFrame.Out(7, DATA),
          new ExecFrame.Err(8, DATA),
          new ExecFrame.Taken(11),
          new ExecFrame.Ended(new ExecEnd(ExecEnd.Cause.EXITED, 0, 3, "why")),
          new ExecFrame.Pong(),
          new ExecFrame.Failed("GONE", "it is over", "begin another"),
          new ExecFrame.Ready());

  @Test
  void damagedFrames() {
    List<byte[]> samples = new ArrayList<>(SOUND.stream().map(ExecFrame::bytes).toList());
    ByteBuffer all = ByteBuffer.allocate(samples.stream().mapToInt(one -> one.length).sum());
    samples.forEach(all::put);
    samples.add(all.array());
    int[] read = new int[1];
    Fuzz.rounds(
        "exec frames",
        50_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          if (random.nextBoolean() && bytes.length >= 4 && bytes.length < 0x10000) {
            // A length that holds, so that the body is looked at.
            ByteBuffer.wrap(bytes).putShort(2, (short) (bytes.length - 4));
          }
          DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
          try {
            while (true) {
              ExecFrame frame = ExecFrame.read(in);
              read[0]++;
              if (!(frame instanceof ExecFrame.Failed)) {
                // What was understood can be said again, and means the same.
                byte[] again = ExecFrame.bytes(frame);
                ExecFrame same =
                    ExecFrame.read(new DataInputStream(new ByteArrayInputStream(again)));
                assertThat(ExecFrame.bytes(same)).isEqualTo(again);
              }
            }
          } catch (IOException e) {
            assertThat(in.available()).isLessThanOrEqualTo(bytes.length);
          }
        });
    assertThat(read[0]).isPositive();
  }
}
