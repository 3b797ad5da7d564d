package io.atoll.p2p.security.noise;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The `/noise` security of libp2p. One static key, signed once, serves all connections of the
/// process.
public final class Noise implements Security {
  private static final byte[] SIGNED_PREFIX =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);
  private final X25519.Pair staticKey;
  private final byte[] identityKey;
  private final byte[] signature;

  public Noise(Identity identity) {
    try {
      staticKey = X25519.newPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform has no X25519", e);
    }
    identityKey = identity.publicKey().encode();
    signature = identity.sign(signed(staticKey.point()));
  }

  @Override
  public String protocol() {
    return "/noise";
  }

  @Override
  public SecureChannel secure(Wire wire, Role role, @Nullable PeerId expected, List<String> muxers)
      throws IOException {
    byte[] payload = new HandshakePayload(identityKey, signature, muxers).encode();
    InputStream in = wire.in();
    OutputStream out = wire.out();
    try {
      var handshake = new HandshakeXX(role, staticKey, X25519.newPair());
      return switch (role) {
        case INITIATOR -> {
          send(out, handshake.writeFirst(new byte[0]));
          var theirs = HandshakePayload.decode(handshake.readSecond(receive(in)));
          // The remote is judged before it learns who is here.
          PublicKey remote = judge(theirs, handshake.remoteStatic(), expected);
          send(out, handshake.writeThird(payload));
          yield new NoiseChannel(wire, handshake.split(), remote, agree(muxers, theirs.muxers()));
        }
        case RESPONDER -> {
          if (handshake.readFirst(receive(in)).length > 0) {
            throw new ProtocolException("Noise: the first message carries a payload");
          }
          send(out, handshake.writeSecond(payload));
          var theirs = HandshakePayload.decode(handshake.readThird(receive(in)));
          PublicKey remote = judge(theirs, handshake.remoteStatic(), expected);
          yield new NoiseChannel(wire, handshake.split(), remote, agree(theirs.muxers(), muxers));
        }
      };
    } catch (GeneralSecurityException e) {
      throw new ProtocolException("Noise handshake failed: " + e.getMessage());
    }
  }

  private static PublicKey judge(
      HandshakePayload payload, byte[] remoteStatic, @Nullable PeerId expected) throws IOException {
    PublicKey key;
    try {
      key = PublicKey.decode(payload.identityKey());
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("Noise: the peer shows no usable key: " + e.getMessage());
    }
    if (!key.verify(signed(remoteStatic), payload.signature())) {
      throw new ProtocolException("Noise: the peer's signature is wrong");
    }
    PeerId remote = PeerId.of(key);
    if (expected != null && !remote.equals(expected)) {
      throw new ProtocolException("somebody else is there: " + remote);
    }
    return key;
  }

  private static Optional<String> agree(List<String> initiators, List<String> responders)
      throws ProtocolException {
    if (initiators.isEmpty() || responders.isEmpty()) {
      return Optional.empty();
    }
    for (String muxer : initiators) {
      if (responders.contains(muxer)) {
        return Optional.of(muxer);
      }
    }
    throw new ProtocolException("no stream muxer in common: " + initiators + ", " + responders);
  }

  private static byte[] signed(byte[] staticPoint) {
    byte[] message = new byte[SIGNED_PREFIX.length + staticPoint.length];
    System.arraycopy(SIGNED_PREFIX, 0, message, 0, SIGNED_PREFIX.length);
    System.arraycopy(staticPoint, 0, message, SIGNED_PREFIX.length, staticPoint.length);
    return message;
  }

  private static void send(OutputStream out, byte[] message) throws IOException {
    byte[] frame = new byte[message.length + 2];
    frame[0] = (byte) (message.length >>> 8);
    frame[1] = (byte) message.length;
    System.arraycopy(message, 0, frame, 2, message.length);
    out.write(frame);
    out.flush();
  }

  private static byte[] receive(InputStream in) throws IOException {
    int high = in.read();
    int low = in.read();
    if (low < 0) {
      throw new EOFException("the peer hung up during the Noise handshake");
    }
    int length = high << 8 | low;
    byte[] message = in.readNBytes(length);
    if (message.length < length) {
      throw new EOFException("the peer hung up during the Noise handshake");
    }
    return message;
  }
}
