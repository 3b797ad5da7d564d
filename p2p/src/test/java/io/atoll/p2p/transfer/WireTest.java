package io.atoll.p2p.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final Offer OFFER = new Offer("01".repeat(16), "a file", 300, "02".repeat(32));
  private static final List<Message> ALL =
      List.of(
          new Message.Offered(OFFER),
          new Message.Pending(),
          new Message.Accept(1L << 40),
          new Message.Accept(0),
          new Message.End("03".repeat(32)),
          new Message.Done(),
          new Message.Refuse(ErrorCode.DISK_FULL, "no room"));

  private static byte[] written(Message message) throws IOException {
    var out = new ByteArrayOutputStream();
    new Wire(new ByteArrayInputStream(new byte[0]), out).write(message);
    return out.toByteArray();
  }

  private static Wire over(byte[] bytes) {
    return new Wire(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
  }

  @Test
  void readsWhatItWrites() throws Exception {
    for (Message message : ALL) {
      assertThat(over(written(message)).read()).isEqualTo(message);
    }
    for (int count : new int[] {1, 127, 128, 20_000, Wire.CHUNK}) {
      var out = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(Wire.HEAD + count).position(Wire.HEAD);
      buffer.put(Wire.HEAD, (byte) 42);
      new Wire(new ByteArrayInputStream(new byte[0]), out).writeData(buffer);
      Wire wire = over(out.toByteArray());
      assertThat(wire.read()).isEqualTo(new Message.Data(count));
      byte[] content = wire.in().readAllBytes();
      assertThat(content).hasSize(count);
      assertThat(content[0]).isEqualTo((byte) 42);
    }
  }

  /// The bytes of the first version, which every later one has to read and write.
  @Test
  void theBytesOfTheFirstVersionStay() throws Exception {
    assertThat(HexFormat.of().formatHex(written(new Message.Accept(300))))
        .isEqualTo("051a0308ac02");
    assertThat(HexFormat.of().formatHex(written(new Message.Done()))).isEqualTo("023200");
    assertThat(HexFormat.of().formatHex(written(new Message.Offered(OFFER))))
        .isEqualTo(
            "410a3f0a10"
                + "01".repeat(16)
                + "1206612066696c65"
                + "18ac02"
                + "2220"
                + "02".repeat(32));
  }

  @Test
  void whatIsTooLargeOrMalformedIsRefused() {
    for (String hex :
        List.of("00", "ffffffff7f", "0622ff0f", "0322020101", "022200", "0108", "03aa0100")) {
      assertThatThrownBy(() -> over(HexFormat.of().parseHex(hex)).read())
          .as(hex)
          .isInstanceOf(IOException.class);
    }
    byte[] large = new byte[8000];
    large[0] = (byte) 0x80;
    large[1] = 0x3e;
    large[2] = 0x0a;
    assertThatThrownBy(() -> over(large).read()).isInstanceOf(ProtocolException.class);
  }

  @Test
  void whatAPeerSaysIsOnePlainLine() throws Exception {
    Message said =
        over(written(new Message.Refuse(ErrorCode.DENIED, "\u001b[31mred\n" + "x".repeat(1000))))
            .read();
    String text = ((Message.Refuse) said).text();
    assertThat(text).hasSizeLessThanOrEqualTo(300).doesNotContain("\u001b", "\n");
  }

  @Test
  void noiseIsRefused() throws Exception {
    var good = new java.util.ArrayList<byte[]>();
    for (Message message : ALL) {
      good.add(written(message));
    }
    Fuzz.rounds(
        "transfer",
        20_000,
        random -> {
          try {
            assertThat(over(Fuzz.bytes(random, good)).read()).isNotNull();
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
