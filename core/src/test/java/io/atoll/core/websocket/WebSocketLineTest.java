package io.atoll.core.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import io.atoll.core.websocket.WebSocketLine.Side;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Frames of WebSocket against the examples of RFC 6455, between two ends, and damaged.
class WebSocketLineTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static WebSocketLine reading(Side side, byte[] bytes, OutputStream out) {
    return new WebSocketLine(new ByteArrayInputStream(bytes), out, side);
  }

  private static String message(WebSocketLine line) throws IOException {
    return new String(
        Objects.requireNonNull(line.message(new byte[1 << 16], 1 << 16), "a message"),
        StandardCharsets.UTF_8);
  }

  @Test
  void theExamplesOfTheSpecification() throws Exception {
    // RFC 6455 §5.7, and §1.3 for the key.
    OutputStream nowhere = OutputStream.nullOutputStream();
    assertThat(message(reading(Side.CLIENT, hex("81 05 48 65 6c 6c 6f"), nowhere)))
        .isEqualTo("Hello");
    assertThat(message(reading(Side.SERVER, hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), nowhere)))
        .isEqualTo("Hello");
    assertThat(message(reading(Side.CLIENT, hex("01 03 48 65 6c 80 02 6c 6f"), nowhere)))
        .isEqualTo("Hello");
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    WebSocketLine pinged = reading(Side.CLIENT, hex("89 05 48 65 6c 6c 6f 82 01 41"), answers);
    assertThat(message(pinged)).isEqualTo("A");
    WebSocketLine other = reading(Side.SERVER, answers.toByteArray(), nowhere);
    assertThat(other.read(new byte[9], 0, 9)).isEqualTo(-1); // a pong, and then the end
    assertThat(answers.toByteArray()[0]).isEqualTo((byte) 0x8a);
    assertThat(WebSocketKeys.accept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(WebSocketKeys.isKey(WebSocketKeys.random())).isTrue();
    assertThat(WebSocketKeys.isKey("dGhl")).isFalse();
  }

  private static final class Pair {
    final WebSocketLine client;
    final WebSocketLine server;

    Pair() throws IOException {
      PipedInputStream atServer = new PipedInputStream(1 << 18);
      PipedInputStream atClient = new PipedInputStream(1 << 18);
      client = new WebSocketLine(atClient, new PipedOutputStream(atServer), Side.CLIENT);
      server = new WebSocketLine(atServer, new PipedOutputStream(atClient), Side.SERVER);
    }
  }

  @Test
  void messagesOfAllLengthsArrive() throws Exception {
    Pair pair = new Pair();
    Random random = new Random(5);
    for (int length : new int[] {0, 1, 7, 8, 125, 126, 127, 1000, 65_535, 65_536, 100_001}) {
      byte[] sent = new byte[length];
      random.nextBytes(sent);
      pair.client.write(sent, 0, length);
      pair.client.ping();
      assertThat(pair.server.message(new byte[1 << 17], 1 << 17)).isEqualTo(sent);
      pair.server.write(sent, 0, length);
      assertThat(pair.client.message(new byte[1 << 17], 1 << 17)).isEqualTo(sent);
    }
    pair.client.close(Closing.NORMAL, "done");
    byte[] room = new byte[10];
    assertThat(pair.server.read(room, 0, 10)).isEqualTo(-1);
    assertThat(pair.server.closing()).isEqualTo(new Closing(Closing.NORMAL, "done"));
    assertThat(pair.client.read(room, 0, 10)).isEqualTo(-1);
    assertThat(Objects.requireNonNull(pair.client.closing()).isNormal()).isTrue();
    assertThatThrownBy(() -> pair.server.write(room, 0, 1)).isInstanceOf(IOException.class);
  }

  @Test
  void whatBreaksTheRulesIsRefusedAndSaid() throws Exception {
    for (String frame :
        List.of(
            "c2 80 00 00 00 00", // a reserved bit
            "82 01 41", // not masked
            "83 80 00 00 00 00", // an unknown kind
            "80 80 00 00 00 00", // goes on with nothing
            "09 80 00 00 00 00", // a control frame in pieces
            "89 fe 00 7e 00 00 00 00", // a long one
            "82 ff ff ff ff ff ff ff ff ff 00 00 00 00")) { // a length below zero
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      WebSocketLine line = reading(Side.SERVER, hex(frame), answer);
      assertThatThrownBy(() -> line.read(new byte[9], 0, 9))
          .as(frame)
          .isInstanceOf(ProtocolException.class);
      assertThat(answer.toByteArray()).as(frame).startsWith(0x88);
      assertThat(answer.toByteArray()[2] << 8 | answer.toByteArray()[3] & 0xff)
          .isEqualTo(Closing.PROTOCOL_ERROR);
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    WebSocketLine line = reading(Side.SERVER, hex("82 85 00 00 00 00 48 65 6c 6c 6f"), answer);
    assertThatThrownBy(() -> line.message(new byte[4], 4)).isInstanceOf(ProtocolException.class);
    assertThat(answer.toByteArray()[3] & 0xff).isEqualTo(Closing.TOO_BIG & 0xff);
  }

  @Test
  void aLongReasonIsCutBetweenCharacters() {
    byte[] body = new Closing(4000, "ä".repeat(100)).bytes();
    assertThat(Closing.read(body).reason()).isEqualTo("ä".repeat(61));
    assertThat(Closing.read(new byte[] {1})).isEqualTo(new Closing(Closing.NO_CODE, ""));
  }

  /// What is read does not depend on how it is damaged beyond an error, and never takes more
  /// memory than the reader offers.
  @Test
  void damagedFrames() throws Exception {
    List<byte[]> samples = new ArrayList<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int length : new int[] {0, 5, 126, 70_000}) {
      ByteArrayOutputStream one = new ByteArrayOutputStream();
      WebSocketLine line = new WebSocketLine(InputStream.nullInputStream(), one, Side.CLIENT);
      line.write(new byte[length], 0, length);
      line.ping();
      samples.add(one.toByteArray());
      all.write(one.toByteArray());
    }
    samples.add(all.toByteArray());
    samples.add(hex("88 82 00 00 00 00 03 e8"));
    samples.add(hex("02 85 37 fa 21 3d 7f 9f 4d 51 58 80 80 00 00 00 00"));
    int[] read = new int[1];
    Fuzz.rounds(
        "websocket frames",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          ByteArrayInputStream in = new ByteArrayInputStream(bytes);
          WebSocketLine line = new WebSocketLine(in, OutputStream.nullOutputStream(), Side.SERVER);
          byte[] room = new byte[1 + random.nextInt(4096)];
          long total = 0;
          try {
            for (int count = line.read(room, 0, room.length);
                count >= 0;
                count = line.read(room, 0, room.length)) {
              total += count;
              read[0]++;
            }
            assertThat(line.closing()).isNotNull();
          } catch (IOException refused) {
            assertThat(refused).hasMessageContaining("WebSocket");
          }
          assertThat(total).isLessThanOrEqualTo(bytes.length);
        });
    assertThat(read[0]).isPositive();
  }
}
