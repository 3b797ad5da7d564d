package io.atoll.p2p.security.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TlsTest {
  private static final List<String> YAMUX = List.of("/yamux/1.0.0");
  private final Identity alice = Identity.generate();
  private final Identity bob = Identity.generate();
  private final Pipe pipe = new Pipe(1 << 20);

  private CompletableFuture<SecureChannel> responder(List<String> muxers) {
    return Later.run(
        () -> {
          try {
            return new Tls(HostCertificate.of(bob))
                .secure(pipe.right(), Role.RESPONDER, null, muxers);
          } catch (IOException e) {
            pipe.right().close();
            throw e;
          }
        });
  }

  private SecureChannel initiator(PeerId expected, List<String> muxers) throws IOException {
    return new Tls(HostCertificate.of(alice)).secure(pipe.left(), Role.INITIATOR, expected, muxers);
  }

  @Test
  void bothProveWhoTheyAreAndAgreeOnAMuxer() throws Exception {
    var there = responder(List.of("/mplex/6.7.0", "/yamux/1.0.0"));
    SecureChannel here = initiator(bob.id(), List.of("/new/1", "/yamux/1.0.0"));
    assertThat(here.remote()).isEqualTo(bob.id());
    assertThat(there.get().remote()).isEqualTo(alice.id());
    assertThat(here.muxer()).contains("/yamux/1.0.0");
    assertThat(there.get().muxer()).contains("/yamux/1.0.0");
  }

  @Test
  void withoutAListOnOneSideTheMuxerIsNegotiatedLater() throws Exception {
    var there = responder(List.of());
    SecureChannel here = initiator(bob.id(), YAMUX);
    assertThat(here.muxer()).isEmpty();
    assertThat(there.get().muxer()).isEmpty();
  }

  @Test
  void somebodyElseIsRefusedAndToldSo() throws Exception {
    var there = responder(YAMUX);
    assertThatThrownBy(() -> initiator(Identity.generate().id(), YAMUX))
        .hasMessage("TLS: somebody else is there: " + bob.id());
    assertThatThrownBy(there::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("TLS: ")
        .hasMessageContaining("certificate");
  }

  @Test
  void bytesOfAnySizeGoThroughInRecords() throws Exception {
    var there = responder(YAMUX);
    SecureChannel here = initiator(bob.id(), YAMUX);
    byte[] data = new byte[500_000];
    new Random(7).nextBytes(data);
    for (var way :
        List.of(new SecureChannel[] {here, there.get()}, new SecureChannel[] {there.get(), here})) {
      var written =
          Later.run(
              () -> {
                OutputStream out = way[0].out();
                out.write(data[0]);
                out.write(data, 1, 16_384);
                out.write(data, 16_385, 65_536);
                out.write(data, 81_921, data.length - 81_921);
                return true;
              });
      assertThat(way[1].in().readNBytes(data.length)).isEqualTo(data);
      assertThat(written.get()).isTrue();
    }
  }

  @Test
  void theEndOfTheWireIsTheEnd() throws Exception {
    var there = responder(YAMUX);
    SecureChannel here = initiator(bob.id(), YAMUX);
    SecureChannel far = there.get();
    here.close();
    assertThat(far.in().read()).isEqualTo(-1);
  }

  @Test
  void garbageAndChangedRecordsEndIt() throws Exception {
    var there = responder(YAMUX);
    initiator(bob.id(), YAMUX);
    SecureChannel channel = there.get();
    byte[] record = new byte[5 + 40];
    record[0] = 23;
    record[1] = 3;
    record[2] = 3;
    record[4] = 40;
    pipe.left().out().write(record);
    assertThatThrownBy(() -> channel.in().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("TLS: ");
  }

  @Test
  void aRecordLargerThanAnyIsRefusedBeforeItIsRead() throws Exception {
    var there = responder(YAMUX);
    pipe.left().out().write(new byte[] {22, 3, 1, (byte) 0xff, (byte) 0xff});
    assertThatThrownBy(there::get).hasMessageContaining("a TLS record of 65535 bytes");
  }

  @Test
  void aStrangerWithoutTlsIsRefused() throws Exception {
    var there = responder(YAMUX);
    pipe.left().out().write("GET / HTTP/1.1\r\n\r\n".repeat(2000).getBytes());
    assertThatThrownBy(there::get).hasCauseInstanceOf(IOException.class);
  }
}
