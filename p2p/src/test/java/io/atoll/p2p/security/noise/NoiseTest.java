package io.atoll.p2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NoiseTest {
  private static final List<String> YAMUX = List.of("/yamux/1.0.0");
  private final Identity alice = Identity.generate();
  private final Identity bob = Identity.generate();
  private final Pipe pipe = new Pipe(1 << 20);

  private CompletableFuture<SecureChannel> responder(List<String> muxers) {
    return Later.run(
        () -> {
          try {
            return new Noise(bob).secure(pipe.right(), Role.RESPONDER, null, muxers);
          } catch (IOException e) {
            pipe.right().close();
            throw e;
          }
        });
  }

  private SecureChannel initiator(List<String> muxers) throws IOException {
    return new Noise(alice).secure(pipe.left(), Role.INITIATOR, bob.id(), muxers);
  }

  @Test
  void bothProveWhoTheyAreAndAgreeOnAMuxer() throws Exception {
    var there = responder(List.of("/mplex/6.7.0", "/yamux/1.0.0"));
    SecureChannel here = initiator(List.of("/new/1", "/yamux/1.0.0", "/mplex/6.7.0"));
    assertThat(here.remote()).isEqualTo(bob.id());
    assertThat(there.get().remote()).isEqualTo(alice.id());
    assertThat(here.muxer()).contains("/yamux/1.0.0");
    assertThat(there.get().muxer()).contains("/yamux/1.0.0");
  }

  @Test
  void withoutAListOnOneSideTheMuxerIsNegotiatedLater() throws Exception {
    var there = responder(List.of());
    SecureChannel here = initiator(YAMUX);
    assertThat(here.muxer()).isEmpty();
    assertThat(there.get().muxer()).isEmpty();
  }

  @Test
  void withoutAMuxerInCommonItFails() {
    var there = responder(List.of("/mplex/6.7.0"));
    assertThatThrownBy(() -> initiator(YAMUX)).hasMessageContaining("no stream muxer in common");
    assertThatThrownBy(there::get).hasMessageContaining("no stream muxer in common");
  }

  @Test
  void somebodyElseIsRefusedBeforeHeLearnsWhoDials() throws Exception {
    var there = responder(YAMUX);
    assertThatThrownBy(
            () ->
                new Noise(alice)
                    .secure(pipe.left(), Role.INITIATOR, Identity.generate().id(), YAMUX))
        .hasMessage("somebody else is there: " + bob.id());
    pipe.left().close();
    assertThatThrownBy(there::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("hung up during the Noise handshake");
  }

  @Test
  void aPayloadInTheFirstMessageIsRefused() throws Exception {
    var there = responder(YAMUX);
    byte[] first =
        new HandshakeXX(Role.INITIATOR, X25519.newPair(), X25519.newPair())
            .writeFirst(new byte[] {1});
    pipe.left().out().write(0);
    pipe.left().out().write(first.length);
    pipe.left().out().write(first);
    assertThatThrownBy(there::get).hasMessageContaining("first message carries a payload");
  }

  @Test
  void aStolenIdentityIsRefused() throws Exception {
    // Mallory knows Bob's public key, and signs with her own.
    Identity mallory = Identity.generate();
    var there =
        Later.run(
            () -> {
              var handshake = new HandshakeXX(Role.RESPONDER, X25519.newPair(), X25519.newPair());
              handshake.readFirst(frame(pipe.right().in()));
              byte[] payload =
                  new HandshakePayload(bob.publicKey().encode(), mallory.sign(new byte[9]), YAMUX)
                      .encode();
              byte[] second = handshake.writeSecond(payload);
              pipe.right().out().write(second.length >>> 8);
              pipe.right().out().write(second.length);
              pipe.right().out().write(second);
              return true;
            });
    assertThatThrownBy(() -> initiator(YAMUX)).hasMessage("Noise: the peer's signature is wrong");
    assertThat(there.get()).isTrue();
  }

  @Test
  void bytesOfAnySizeGoThroughInRecords() throws Exception {
    var there = responder(YAMUX);
    SecureChannel here = initiator(YAMUX);
    byte[] data = new byte[500_000];
    new Random(7).nextBytes(data);
    var written =
        Later.run(
            () -> {
              OutputStream out = here.out();
              out.write(data[0]);
              out.write(data, 1, 65_519);
              out.write(data, 65_520, 65_520);
              out.write(data, 131_040, data.length - 131_040);
              out.flush();
              return true;
            });
    assertThat(there.get().in().readNBytes(data.length)).isEqualTo(data);
    assertThat(written.get()).isTrue();
    here.close();
    assertThat(there.get().in().read()).isEqualTo(-1);
  }

  @Test
  void changedReplayedAndCutRecordsAreRefused() throws Exception {
    byte[] record = new byte[40];
    var ciphers = ciphers();
    ciphers[0].seal(new byte[0], new byte[22], 0, 22, record, 2);
    record[1] = 38;
    byte[] changed = record.clone();
    changed[20] ^= 4;
    assertThatThrownBy(() -> opened(changed).readNBytes(22))
        .hasMessage("a Noise record was changed on its way");
    byte[] twice = new byte[80];
    System.arraycopy(record, 0, twice, 0, 40);
    System.arraycopy(record, 0, twice, 40, 40);
    assertThatThrownBy(() -> opened(twice).readNBytes(44))
        .hasMessage("a Noise record was changed on its way");
    byte[] cut = java.util.Arrays.copyOf(record, 39);
    assertThatThrownBy(() -> opened(cut).readNBytes(22))
        .hasMessage("end of stream inside a Noise record");
    assertThatThrownBy(() -> opened(new byte[] {0, 3, 1, 2, 3}).readNBytes(22))
        .hasMessage("a Noise record is shorter than its tag");
    assertThat(opened(record).readNBytes(100)).hasSize(22);
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void noiseInTheHandshakeIsRefused() throws Exception {
    byte[] good = recordedInitiator();
    Fuzz.rounds(
        "noise handshake",
        300,
        random -> {
          byte[] input = Fuzz.bytes(random, List.of(good));
          Wire wire = wire(new ByteArrayInputStream(input), new ByteArrayOutputStream());
          assertThatThrownBy(() -> new Noise(bob).secure(wire, Role.RESPONDER, null, YAMUX))
              .isInstanceOf(IOException.class);
          assertThatThrownBy(
                  () ->
                      new Noise(alice)
                          .secure(
                              wire(new ByteArrayInputStream(input), new ByteArrayOutputStream()),
                              Role.INITIATOR,
                              bob.id(),
                              YAMUX))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void noiseInAPayloadIsRefused() {
    byte[] good =
        new HandshakePayload(bob.publicKey().encode(), bob.sign(new byte[1]), YAMUX).encode();
    Fuzz.rounds(
        "noise payload",
        20_000,
        random -> {
          try {
            var payload = HandshakePayload.decode(Fuzz.bytes(random, List.of(good)));
            assertThat(payload.muxers()).hasSizeLessThanOrEqualTo(32);
          } catch (IOException refused) {
            assertThat(refused).hasMessageNotContaining("null");
          }
        });
  }

  private byte[] recordedInitiator() throws Exception {
    var handshake = new HandshakeXX(Role.INITIATOR, X25519.newPair(), X25519.newPair());
    byte[] first = handshake.writeFirst(new byte[0]);
    byte[] bytes = new byte[2 + first.length + 2 + 200];
    bytes[1] = (byte) first.length;
    System.arraycopy(first, 0, bytes, 2, first.length);
    bytes[3 + first.length] = (byte) 200;
    return bytes;
  }

  private static CipherState[] ciphers() throws Exception {
    return new CipherState[] {new CipherState(new byte[32]), new CipherState(new byte[32])};
  }

  private InputStream opened(byte[] records) throws Exception {
    var ciphers = ciphers();
    return new NoiseChannel(
            wire(new ByteArrayInputStream(records), OutputStream.nullOutputStream()),
            new HandshakeXX.Ciphers(ciphers[0], ciphers[1]),
            bob.publicKey(),
            java.util.Optional.empty())
        .in();
  }

  private static byte[] frame(InputStream in) throws IOException {
    return in.readNBytes(in.read() << 8 | in.read());
  }

  private static Wire wire(InputStream in, OutputStream out) {
    return new Wire() {
      @Override
      public InputStream in() {
        return in;
      }

      @Override
      public OutputStream out() {
        return out;
      }

      @Override
      public void close() {}
    };
  }
}
