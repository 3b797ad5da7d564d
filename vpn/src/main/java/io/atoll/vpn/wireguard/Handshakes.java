package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Aead;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.machine.HandshakeGuard;
import io.atoll.vpn.wireguard.machine.PeerAction;
import io.atoll.vpn.wireguard.machine.PeerEvent;
import io.atoll.vpn.wireguard.machine.Timing;
import io.atoll.vpn.wireguard.noise.CookieSecret;
import io.atoll.vpn.wireguard.noise.Initiator;
import io.atoll.vpn.wireguard.noise.Macs;
import io.atoll.vpn.wireguard.noise.Message;
import io.atoll.vpn.wireguard.noise.Responder;
import io.atoll.vpn.wireguard.noise.Tai64n;
import io.atoll.vpn.wireguard.noise.TransportKeys;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes sessions: begins, answers and ends handshakes, and does what peers' machines want. All of
/// it under the engine's lock.
final class Handshakes {
  /// What all handshakes of WireGuard begin with.
  static final byte[] PROLOGUE =
      "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NOTHING = new byte[0];

  private final Engine engine;
  private final EngineClock clock;
  private final RandomGenerator random;
  private final AeadSuite suite;
  private final IndexTable indices;
  private final HandshakeGuard guard;
  private final CookieSecret cookies;
  private final IdentitySearch search;
  private final ControlBuffer buffer = new ControlBuffer();

  Handshakes(
      Engine engine,
      EngineClock clock,
      RandomGenerator random,
      AeadSuite suite,
      IndexTable indices,
      HandshakeGuard guard) {
    this.engine = engine;
    this.clock = clock;
    this.random = random;
    this.suite = suite;
    this.indices = indices;
    this.guard = guard;
    this.cookies = new CookieSecret(suite, random);
    this.search = new IdentitySearch(guard);
  }

  Outcome received(byte[] bytes, Path from) {
    return switch (Message.parse(bytes)) {
      case null -> Outcome.MALFORMED;
      case Message.Initiation initiation -> answer(initiation, bytes, from);
      case Message.Response response -> finish(response, bytes, from);
      case Message.CookieReply reply -> keep(reply);
    };
  }

  private Outcome answer(Message.Initiation initiation, byte[] bytes, Path from) {
    long now = clock.nanos();
    byte[] source = from.source();
    byte[] cookie = cookies.cookie(now, source);
    boolean busy = guard.busy(now);
    boolean proved = busy && Macs.mac2Fits(bytes, cookie);
    LocalIdentity identity = search.find(now, engine.identities(), bytes, source, proved);
    if (identity == null) {
      return Outcome.NOT_FOR_US;
    }
    if (busy && !proved) {
      if (!guard.mayGiveCookie(now)) {
        return Outcome.THROTTLED;
      }
      engine.paths().reply(from, cookies.reply(bytes, identity.macs(), cookie));
      return Outcome.COOKIE_GIVEN;
    }
    if (!guard.mayShakeHands(now, source, proved)) {
      return Outcome.THROTTLED;
    }
    Responder responder = Responder.read(suite, PROLOGUE, identity.key(), initiation.noise());
    if (responder == null) {
      return Outcome.FORGED;
    }
    Peer peer = identity.peer(responder.initiator());
    if (peer == null) {
      return Outcome.UNKNOWN_PEER;
    }
    byte[] stamp = responder.payload(peer.shared);
    if (stamp == null) {
      return Outcome.FORGED;
    }
    boolean often =
        peer.lastInitiation != Long.MIN_VALUE
            && now - peer.lastInitiation < Timing.INITIATION_INTERVAL;
    if (often || !Tai64n.later(stamp, peer.newestStamp)) {
      return Outcome.STALE_HANDSHAKE;
    }
    Responder.Answer answer = responder.answer(fresh(), peer.settings.preshared(), NOTHING);
    if (answer == null) {
      return Outcome.FORGED;
    }
    peer.newestStamp = stamp;
    peer.lastInitiation = now;
    int index = indices.free();
    byte[] response = new Message.Response(index, initiation.sender(), answer.message()).bytes();
    peer.jar(suite).stamp(now, response);
    Keypair key = new Keypair(suite, index, peer, initiation.sender(), false, now, answer.keys());
    indices.put(key);
    peer.answered(key);
    search.found(source, identity);
    engine.paths().heard(peer, from);
    peer.event(now, PeerEvent.INITIATION_ANSWERED);
    retire(peer.takeRetired());
    send(peer, response);
    return Outcome.SESSION;
  }

  private Outcome finish(Message.Response response, byte[] bytes, Path from) {
    long now = clock.nanos();
    // Who knows the index has seen the initiation: that, and few tries, bound what it may cost.
    if (!(indices.find(response.receiver()) instanceof HalfOpen half)
        || !half.peer().identity().macs().mac1Fits(bytes)
        || !half.mayTry()) {
      return Outcome.WRONG_ANSWER;
    }
    Peer peer = half.peer();
    TransportKeys keys = half.initiator().finish(response.noise(), peer.settings.preshared());
    if (keys == null) {
      return Outcome.WRONG_ANSWER;
    }
    Keypair key = new Keypair(suite, half.index(), peer, response.sender(), true, now, keys);
    indices.put(key);
    peer.halfOpen = null;
    peer.established(key);
    engine.paths().heard(peer, from);
    peer.event(now, PeerEvent.RESPONSE_RECEIVED);
    return Outcome.SESSION;
  }

  private Outcome keep(Message.CookieReply reply) {
    IndexTable.Slot slot = indices.find(reply.receiver());
    return slot != null && slot.peer().jar(suite).take(clock.nanos(), reply)
        ? Outcome.COOKIE_TAKEN
        : Outcome.WRONG_ANSWER;
  }

  /// Does what a peer's machine wants.
  void act(Peer peer, Peer.Due due) {
    retire(due.retired);
    if (due.actions.contains(PeerAction.DROP_WAITING)) {
      engine.count(Outcome.WAITED_IN_VAIN, peer.dropWaiting());
    }
    if (due.actions.contains(PeerAction.WIPE_KEYS)) {
      forget(peer);
    }
    if (due.actions.contains(PeerAction.SEND_INITIATION)) {
      initiate(peer);
    }
    long now = clock.nanos();
    boolean sent = due.flush && flush(peer, now);
    if (due.actions.contains(PeerAction.SEND_KEEPALIVE) && !sent) {
      keepalive(peer, now);
    }
  }

  private void initiate(Peer peer) {
    byte[] stamp = Tai64n.after(peer.lastStamp, clock.wall());
    PublicKey to = peer.publicKey();
    Initiator initiator =
        Initiator.begin(suite, PROLOGUE, peer.identity().key(), to, peer.shared, fresh(), stamp);
    if (initiator == null) {
      return;
    }
    peer.lastStamp = stamp;
    closeHalfOpen(peer);
    HalfOpen half = new HalfOpen(indices.free(), peer, initiator);
    peer.halfOpen = half;
    indices.put(half);
    byte[] message = new Message.Initiation(half.index(), initiator.message()).bytes();
    peer.jar(suite).stamp(clock.nanos(), message);
    send(peer, message);
  }

  /// Whether there was something that waited, and a key for it.
  private boolean flush(Peer peer, long now) {
    int packets = 0;
    long bytes = 0;
    Outbound outbound = engine.outbound(peer.identity(), 0);
    while (peer.usable(now) != null) {
      byte[] packet = peer.nextWaiting();
      if (packet == null) {
        break;
      }
      int length = outbound.seal(peer, buffer.packet(packet), packet.length, now);
      if (length > 0) {
        engine.paths().send(peer, buffer.datagram(), length, length);
        packets++;
        bytes += length;
      }
    }
    if (packets > 0) {
      outbound.sent(peer, packets, bytes, now);
    }
    return packets > 0;
  }

  private void keepalive(Peer peer, long now) {
    Keypair key = peer.usable(now);
    long packet = buffer.packet(NOTHING);
    if (key == null || key.seal(packet, 0) < 0) {
      peer.event(now, PeerEvent.WAITING);
      return;
    }
    int length = Keypair.HEADER + Aead.TAG;
    peer.sent(length);
    engine.paths().send(peer, buffer.datagram(), length, length);
    peer.event(now, PeerEvent.KEEPALIVE_SENT);
  }

  private void send(Peer peer, byte[] message) {
    peer.sent(message.length);
    engine.paths().send(peer, buffer.message(message), message.length, message.length);
  }

  /// Forgets all keys and handshakes of a peer.
  void forget(Peer peer) {
    closeHalfOpen(peer);
    peer.wipe();
    retire(peer.takeRetired());
  }

  void forget(LocalIdentity identity) {
    search.forget(identity);
  }

  void alwaysAskForCookies(boolean always) {
    guard.alwaysBusy(always);
  }

  private void closeHalfOpen(Peer peer) {
    @Nullable HalfOpen half = peer.halfOpen;
    if (half != null) {
      indices.remove(half);
      peer.halfOpen = null;
    }
  }

  private void retire(Iterable<Keypair> keys) {
    for (Keypair key : keys) {
      indices.remove(key);
      key.close();
    }
  }

  private PrivateKey fresh() {
    byte[] scalar = new byte[PublicKey.BYTES];
    random.nextBytes(scalar);
    return new PrivateKey(scalar);
  }
}
