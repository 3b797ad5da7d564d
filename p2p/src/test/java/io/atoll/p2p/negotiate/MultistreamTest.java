package io.atoll.p2p.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MultistreamTest {
  private static final String HEADER = "\u0013/multistream/1.0.0\n";
  private static final String A = "\u0003/a\n";
  private static final String B = "\u0003/b\n";
  private static final String NA = "\u0003na\n";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String answered(InputStream in, ByteArrayOutputStream out) throws IOException {
    return Multistream.answer(in, out, "/b"::equals);
  }

  @Test
  void threeFramesInOneSegmentLoseNothing() throws Exception {
    var in = new ByteArrayInputStream(bytes(HEADER + A + B + "first data"));
    var out = new ByteArrayOutputStream();
    assertThat(answered(in, out)).isEqualTo("/b");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(HEADER + NA + B);
    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("first data");
  }

  @Test
  void byteByByteIsTheSame() throws Exception {
    Pipe pipe = new Pipe(1);
    var out = new ByteArrayOutputStream();
    Later.run(
        () -> {
          for (byte b : bytes(HEADER + A + B + "x")) {
            pipe.left().out().write(b);
            Thread.sleep(1);
          }
          return null;
        });
    assertThat(answered(pipe.right().in(), out)).isEqualTo("/b");
    assertThat(pipe.right().in().read()).isEqualTo('x');
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(HEADER + NA + B);
  }

  @Test
  void proposesInOrderAndInOneSegmentEach() throws Exception {
    Pipe pipe = new Pipe(1000);
    var served = Later.run(() -> Multistream.answer(in(pipe), out(pipe), "/c"::equals));
    Wire left = pipe.left();
    assertThat(Multistream.propose(left.in(), left.out(), List.of("/a", "/b", "/c")))
        .isEqualTo("/c");
    assertThat(served.get()).isEqualTo("/c");
    var wire = new ByteArrayOutputStream();
    Multistream.propose(new ByteArrayInputStream(bytes(HEADER + A)), wire, List.of("/a"));
    assertThat(wire.toString(StandardCharsets.UTF_8)).isEqualTo(HEADER + A);
  }

  @Test
  void lazyOnBothSidesTheDataFollowsTheProposal() throws Exception {
    Pipe pipe = new Pipe(1000);
    Wire left = pipe.left();
    InputStream answer = Multistream.proposeLazily(left.in(), left.out(), "/c");
    left.out().write(bytes("question"));
    // Only now does the listener begin.
    assertThat(Multistream.answer(in(pipe), out(pipe), "/c"::equals)).isEqualTo("/c");
    out(pipe).write(bytes("answer"));
    assertThat(in(pipe).readNBytes(8)).isEqualTo(bytes("question"));
    assertThat(answer.readNBytes(6)).isEqualTo(bytes("answer"));
  }

  @Test
  void aRefusalIsSeenByTheFirstReadOfALazyProposal() throws Exception {
    InputStream answer =
        Multistream.proposeLazily(
            new ByteArrayInputStream(bytes(HEADER + NA)), OutputStream.nullOutputStream(), "/a");
    assertThatThrownBy(answer::read)
        .isInstanceOf(ProtocolRefused.class)
        .hasMessage("the peer does not speak /a");
  }

  @Test
  void refusesWhatIsNotTheProtocol() {
    for (String bad :
        List.of(
            "GET / HTTP/1.1\r\nHost: " + "x".repeat(100),
            "\u0013/multistream/2.0.0\n",
            "\u0013/multistream/1.0.0x",
            "\u0000",
            HEADER + "\u0000",
            "\u0080\u0000")) {
      assertThatThrownBy(
              () ->
                  answered(
                      new ByteArrayInputStream(bad.getBytes(StandardCharsets.ISO_8859_1)),
                      new ByteArrayOutputStream()))
          .isInstanceOf(ProtocolException.class);
    }
    byte[] large = {(byte) 0xff, (byte) 0xff, 0x7f};
    assertThatThrownBy(() -> answered(new ByteArrayInputStream(large), new ByteArrayOutputStream()))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("larger than 1024");
    assertThatThrownBy(
            () -> answered(new ByteArrayInputStream(bytes(HEADER)), new ByteArrayOutputStream()))
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(
            () ->
                answered(
                    new ByteArrayInputStream(bytes(HEADER + A.repeat(1000))),
                    new ByteArrayOutputStream()))
        .hasMessageContaining("more than 16 proposals");
    assertThatThrownBy(
            () ->
                Multistream.propose(
                    new ByteArrayInputStream(bytes(HEADER + B)),
                    OutputStream.nullOutputStream(),
                    List.of("/a")))
        .hasMessageContaining("never proposed");
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void noiseIsRefused() {
    byte[] good = bytes(HEADER + A + B + "data");
    Fuzz.rounds(
        "multistream",
        20_000,
        random -> {
          try {
            var in = new ByteArrayInputStream(Fuzz.bytes(random, List.of(good)));
            assertThat(answered(in, new ByteArrayOutputStream())).isEqualTo("/b");
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  private static InputStream in(Pipe pipe) {
    return pipe.right().in();
  }

  private static OutputStream out(Pipe pipe) {
    return pipe.right().out();
  }
}
