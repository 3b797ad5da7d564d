package io.atoll.p2p.transport.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebSocketWireTest {
  private record Recorded(InputStream in, ByteArrayOutputStream out) implements Wire {
    Recorded(String hex) {
      this(
          new ByteArrayInputStream(HexFormat.of().parseHex(hex.replace(" ", ""))),
          new ByteArrayOutputStream());
    }

    @Override
    public void close() {}
  }

  private static byte[] read(boolean dialler, String hex) throws IOException {
    return new WebSocketWire(new Recorded(hex), dialler).in().readAllBytes();
  }

  @Test
  void theExampleOfTheSpecificationIsAccepted() {
    // RFC 6455 §1.3.
    assertThat(Handshake.accept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void theFramesOfTheSpecificationAreRead() throws Exception {
    // RFC 6455 §5.7, with the binary opcode: masked, and fragmented with a ping in between.
    assertThat(read(false, "82 85 37fa213d 7f9f4d5158")).asString().isEqualTo("Hello");
    var line = new Recorded("02 03 48656c 89 05 48656c6c6f 80 02 6c6f 88 00");
    assertThat(new WebSocketWire(line, true).in().readAllBytes()).asString().isEqualTo("Hello");
    // The pong and the close that answer are masked, as a dialler's are.
    byte[] answers = line.out().toByteArray();
    assertThat(answers).startsWith(0x8a, 0x85).hasSize(2 + 4 + 5 + 2 + 4);
  }

  @Test
  void whatBreaksTheRulesEndsTheWire() {
    for (String bad :
        new String[] {
          "82 05 48656c6c6f", // a dialler's frame without a mask
          "c2 80 00000000", // a reserved bit
          "81 80 00000000", // text
          "09 80 00000000", // a ping in pieces
          "89 fe 0080 00000000", // a ping of 128 bytes
          "82 ff ffffffffffffffff 00000000" // a length with its highest bit
        }) {
      assertThatThrownBy(() -> read(false, bad)).as(bad).isInstanceOf(ProtocolException.class);
    }
    assertThatThrownBy(() -> read(true, "82 80 00000000")).isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> read(false, "82 85 37fa213d 7f9f")).isInstanceOf(IOException.class);
  }

  @Test
  void bytesOfAnySizeGoBothWays() throws Exception {
    Pipe pipe = new Pipe(100_000);
    Wire dialler = new WebSocketWire(pipe.left(), true);
    Wire listener = new WebSocketWire(pipe.right(), false);
    byte[] data = new byte[700_000];
    new Random(3).nextBytes(data);
    for (Wire[] way : new Wire[][] {{dialler, listener}, {listener, dialler}}) {
      var written =
          Later.run(
              () -> {
                OutputStream out = way[0].out();
                int at = 0;
                for (int size : new int[] {1, 125, 126, 65_535, 65_536, 65_537, 200_000}) {
                  out.write(data, at, size);
                  at += size;
                }
                out.write(data, at, data.length - at);
                return true;
              });
      assertThat(way[1].in().readNBytes(data.length)).isEqualTo(data);
      assertThat(written.get()).isTrue();
    }
  }

  @Test
  void garbageEndsInAnErrorOrTheEnd() {
    byte[] good = HexFormat.of().parseHex("02034865 6c890548656c6c6f80026c6f8800".replace(" ", ""));
    Fuzz.rounds(
        "websocket frames",
        5_000,
        random -> {
          byte[] garbage = Fuzz.bytes(random, List.of(good));
          for (boolean dialler : new boolean[] {true, false}) {
            var line = new Recorded(new ByteArrayInputStream(garbage), new ByteArrayOutputStream());
            try {
              new WebSocketWire(line, dialler).in().readAllBytes();
            } catch (IOException expected) {
              // Anything else fails the test.
            }
            try {
              Handshake.answer(
                  new Recorded(new ByteArrayInputStream(garbage), new ByteArrayOutputStream()));
            } catch (IOException expected) {
              // Anything else fails the test.
            }
          }
        });
  }

  @Test
  void aHeadThatNeverEndsIsCutOff() {
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };
    assertThatThrownBy(() -> Handshake.answer(new Recorded(endless, new ByteArrayOutputStream())))
        .hasMessageContaining("too long");
  }
}
