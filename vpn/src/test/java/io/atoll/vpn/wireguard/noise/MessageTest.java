package io.atoll.vpn.wireguard.noise;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final AeadSuite SUITE = AeadSuite.choose();

  @Test
  void eachIsReadAsItWasWritten() {
    Random random = new Random(3);
    byte[] initiation = new Message.Initiation(0x01020304, bytes(random, 108)).bytes();
    assertThat(initiation).hasSize(148).startsWith(1, 0, 0, 0, 4, 3, 2, 1);
    byte[] response = new Message.Response(-1, 0x0a0b0c0d, bytes(random, 48)).bytes();
    assertThat(response).hasSize(92).startsWith(2, 0, 0, 0, -1, -1, -1, -1, 13, 12, 11, 10);
    byte[] reply = new Message.CookieReply(7, bytes(random, 24), bytes(random, 32)).bytes();
    assertThat(reply).hasSize(64).startsWith(3, 0, 0, 0, 7, 0, 0, 0);
    for (byte[] message : List.of(initiation, response, reply)) {
      Message parsed = Message.parse(message);
      assertThat(parsed).isNotNull();
      assertThat(parsed.bytes()).isEqualTo(message);
    }
  }

  @Test
  void otherLengthsAndTypesAreNone() {
    byte[] initiation = new Message.Initiation(1, new byte[108]).bytes();
    assertThat(Message.parse(java.util.Arrays.copyOf(initiation, 147))).isNull();
    assertThat(Message.parse(java.util.Arrays.copyOf(initiation, 149))).isNull();
    initiation[2] = 1;
    assertThat(Message.parse(initiation)).isNull();
    assertThat(Message.parse(new byte[0])).isNull();
  }

  /// What parses prints as it came, but for its macs; handshakes and cookies survive any bytes.
  @Test
  void damagedMessages() {
    PrivateKey own = PrivateKey.random(new SecureRandom());
    PrivateKey other = PrivateKey.random(new SecureRandom());
    byte[] shared = other.agree(own.publicKey().bytes());
    Initiator initiator =
        Initiator.begin(
            SUITE, new byte[0], other, own.publicKey(), shared, other, Tai64n.of(Instant.now()));
    byte[] initiation = new Message.Initiation(5, initiator.message()).bytes();
    CookieJar jar = new CookieJar(SUITE, own.publicKey());
    jar.stamp(0, initiation);
    Macs macs = new Macs(own.publicKey());
    CookieSecret secret = new CookieSecret(SUITE, new Random(1));
    byte[] reply = secret.reply(initiation, macs, secret.cookie(0, new byte[6]));
    Responder responder = Responder.read(SUITE, new byte[0], own, initiator.message());
    assertThat(responder.payload(shared)).isNotNull();
    byte[] response =
        new Message.Response(
                9,
                5,
                responder
                    .answer(own, io.atoll.vpn.wireguard.crypto.PresharedKey.NONE, new byte[0])
                    .message())
            .bytes();
    Fuzz.rounds(
        "wireguard messages",
        1_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(initiation, response, reply));
          switch (Message.parse(bytes)) {
            case null -> {}
            case Message.Initiation(_, byte[] noise) -> {
              boolean whole = java.util.Arrays.equals(bytes, 0, 116, initiation, 0, 116);
              assertThat(macs.mac1Fits(bytes) && !whole).isFalse();
              Responder read = Responder.read(SUITE, new byte[0], own, noise);
              if (read != null && !whole && !java.util.Arrays.equals(noise, initiator.message())) {
                assertThat(read.payload(shared)).isNull();
              }
            }
            case Message.Response(_, _, byte[] noise) ->
                initiator.finish(noise, io.atoll.vpn.wireguard.crypto.PresharedKey.NONE);
            case Message.CookieReply cookie -> {
              CookieJar fresh = new CookieJar(SUITE, own.publicKey());
              byte[] copy = initiation.clone();
              fresh.stamp(0, copy);
              boolean whole = java.util.Arrays.equals(bytes, 8, 64, reply, 8, 64);
              assertThat(fresh.take(0, cookie)).isEqualTo(whole);
            }
          }
        });
  }

  @Test
  void aCookieIsBoundToItsAddressAndItsTime() {
    PrivateKey receiver = PrivateKey.random(new SecureRandom());
    Macs macs = new Macs(receiver.publicKey());
    CookieJar jar = new CookieJar(SUITE, receiver.publicKey());
    CookieSecret secret = new CookieSecret(SUITE, new Random(1));
    byte[] here = {10, 0, 0, 1, 1, 1};
    byte[] there = {10, 0, 0, 2, 1, 1};
    byte[] first = new Message.Initiation(5, new byte[108]).bytes();
    jar.stamp(0, first);
    assertThat(macs.mac1Fits(first)).isTrue();
    assertThat(Macs.mac2Fits(first, secret.cookie(0, here))).isFalse();

    var reply =
        (Message.CookieReply) Message.parse(secret.reply(first, macs, secret.cookie(0, here)));
    assertThat(jar.take(0, reply)).isTrue();
    assertThat(jar.take(0, reply)).as("again").isFalse();
    byte[] second = new Message.Initiation(6, new byte[108]).bytes();
    jar.stamp(1, second);
    assertThat(macs.mac1Fits(second)).isTrue();
    assertThat(Macs.mac2Fits(second, secret.cookie(1, here))).isTrue();
    assertThat(Macs.mac2Fits(second, secret.cookie(1, there))).isFalse();

    long later = 121_000_000_000L;
    assertThat(Macs.mac2Fits(second, secret.cookie(later, here))).as("a new secret").isFalse();
    byte[] third = new Message.Initiation(7, new byte[108]).bytes();
    jar.stamp(later, third);
    assertThat(java.util.Arrays.copyOfRange(third, 132, 148)).containsOnly(0);
  }

  @Test
  void timestampsGrowThoughTheClockJumpsBack() {
    Instant now = Instant.parse("2026-01-02T03:04:05.999999999Z");
    byte[] stamp = Tai64n.of(now);
    assertThat(stamp).hasSize(12);
    assertThat(stamp[11]).as("whitened").isZero();
    byte[] last = stamp;
    for (int i = 0; i < 200; i++) {
      byte[] next = Tai64n.after(last, now.minusSeconds(3600));
      assertThat(Tai64n.later(next, last)).isTrue();
      assertThat(Tai64n.later(last, next)).isFalse();
      last = next;
    }
    assertThat(Tai64n.after(last, now.plusSeconds(60))).isEqualTo(Tai64n.of(now.plusSeconds(60)));
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
