package io.atoll.vpn.wireguard;

import io.atoll.core.term.Cidr;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.time.Duration;
import java.util.List;

/// Two nodes that are peers: `a` is 10.7.0.1 and fd00:7::1, `b` is 10.7.0.2 and fd00:7::2.
final class TwoNodes {
  static final int A4 = 0x0a070001;
  static final int B4 = 0x0a070002;
  final VirtualNet net;
  final VirtualNet.Node a;
  final VirtualNet.Node b;
  final LocalIdentity ofA;
  final LocalIdentity ofB;
  final Peer toB;
  final Peer toA;

  TwoNodes(long seed) {
    this(seed, PresharedKey.NONE, PresharedKey.NONE, Duration.ZERO);
  }

  TwoNodes(long seed, PresharedKey atA, PresharedKey atB, Duration keepalive) {
    net = new VirtualNet(seed);
    a = net.node(new VirtualNet.Address(0x0a000001, 7464));
    b = net.node(new VirtualNet.Address(0x0a000002, 7464));
    ofA = a.engine.add(key());
    ofB = b.engine.add(key());
    toB = a.engine.add(ofA, peer(ofB.publicKey(), atA, 2, keepalive));
    toA = b.engine.add(ofB, peer(ofA.publicKey(), atB, 1, keepalive));
    a.endpoints.put(toB, b.address);
    b.endpoints.put(toA, a.address);
  }

  PrivateKey key() {
    byte[] scalar = new byte[32];
    net.random.nextBytes(scalar);
    return new PrivateKey(scalar);
  }

  static PeerSettings peer(PublicKey key, PresharedKey psk, int number, Duration keepalive) {
    return new PeerSettings(
        key,
        psk,
        List.of(Cidr.parse("10.7.0." + number + "/32"), Cidr.parse("fd00:7::" + number + "/128")),
        keepalive);
  }

  Outcome aSends(long number) {
    return a.send(ofA, Packets.v4(A4, B4, 100, number));
  }

  Outcome bSends(long number) {
    return b.send(ofB, Packets.v4(B4, A4, 100, number));
  }
}
