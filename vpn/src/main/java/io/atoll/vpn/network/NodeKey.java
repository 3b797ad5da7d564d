package io.atoll.vpn.network;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.record.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The public key of X25519 with which a node seals packets of one network, as the node signed it.
/// Whoever holds one has checked the signature.
public final class NodeKey {
  static final int BYTES = 32;
  private static final String DOMAIN = "atoll-node-key";
  private static final byte[] TYPE = "/atoll/node-key".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST = 1 << 10;

  private final PeerId node;
  private final NetworkId network;
  private final byte[] key;
  private final long issued;
  private final byte[] signed;

  /// What the node signs.
  private record Body(NetworkId network, byte[] key, long issued) {}

  /// The same, with that very object to name its network.
  @SuppressWarnings("ReferenceEquality") // That is what it is about.
  NodeKey in(NetworkId same) {
    return network == same ? this : new NodeKey(node, same, key, issued, signed);
  }

  private NodeKey(PeerId node, NetworkId network, byte[] key, long issued, byte[] signed) {
    this.node = node;
    this.network = network;
    this.key = key;
    this.issued = issued;
    this.signed = signed;
  }

  /// @param now when it was made: a newer key of a node replaces an older one
  public static NodeKey sign(Identity node, NetworkId network, byte[] key, Instant now) {
    Body body = new Body(network, checked(key), now.toEpochMilli());
    byte[] signed = Envelope.seal(node, DOMAIN, TYPE, Json.bytes(body)).encode();
    return new NodeKey(node.id(), network, body.key, body.issued, signed);
  }

  /// @throws IllegalArgumentException if no node signed that, with what is wrong with it
  public static NodeKey open(byte[] signed) {
    try {
      Envelope envelope = Envelope.open(signed, DOMAIN, TYPE, LARGEST);
      Body body = Json.read(envelope.payload(), Body.class);
      if (body == null || body.network == null || body.key == null || body.issued < 0) {
        throw new IllegalArgumentException("the key of a node says too little");
      }
      return new NodeKey(
          envelope.author(), body.network, checked(body.key), body.issued, signed.clone());
    } catch (IOException e) {
      throw new IllegalArgumentException("not the key of a node: " + e.getMessage(), e);
    }
  }

  private static byte[] checked(byte[] key) {
    if (key.length != BYTES) {
      throw new IllegalArgumentException("a key of X25519 of " + key.length + " bytes");
    }
    return key.clone();
  }

  public PeerId node() {
    return node;
  }

  public NetworkId network() {
    return network;
  }

  /// The 32 bytes.
  public byte[] key() {
    return key.clone();
  }

  /// By the node's clock.
  public Instant issued() {
    return Instant.ofEpochMilli(issued);
  }

  /// What others open.
  public byte[] signed() {
    return signed.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NodeKey that && Arrays.equals(signed, that.signed);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signed);
  }

  @Override
  public String toString() {
    return "NodeKey[" + node + " in " + network + "]";
  }
}
