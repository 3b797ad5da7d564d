package io.atoll.vpn.device;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.record.Envelope;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The devices that reach one network through one node, as the network's owner signed them.
/// Whoever holds one has checked the signature. It has their pre-shared keys, so it is for that
/// node alone.
public final class SignedDevices {
  /// The most that one node lets in for one hub, over all its networks: each costs it memory
  /// outside Java's and a thread.
  public static final int MOST = 64;

  private static final String DOMAIN = "atoll-devices";
  private static final byte[] TYPE = "/atoll/devices".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST = 1 << 20;

  private final long version;
  private final List<Device> devices;
  private final byte[] signed;

  private record Entry(String member, byte[] key, byte[] preshared) {}

  private record Body(NetworkId network, PeerId node, long version, List<Entry> devices) {}

  private SignedDevices(long version, List<Device> devices, byte[] signed) {
    this.version = version;
    this.devices = List.copyOf(devices);
    this.signed = signed;
  }

  /// @param version of the member list that has them
  /// @return what that node opens
  public static byte[] seal(
      Identity owner, NetworkId network, PeerId node, long version, List<Device> devices) {
    List<Entry> entries =
        devices.stream()
            .map(one -> new Entry(one.member(), one.key().bytes(), one.preshared().secretBytes()))
            .toList();
    Body body = new Body(network, node, version, entries);
    return Envelope.seal(owner, DOMAIN, TYPE, Json.bytes(body)).encode();
  }

  /// @param node for which it has to be
  /// @throws IllegalArgumentException with what is wrong, if its owner did not sign that
  public static SignedDevices open(byte[] signed, Network network, PeerId node) {
    try {
      Envelope envelope = Envelope.open(signed, DOMAIN, TYPE, LARGEST);
      if (!envelope.author().equals(network.owner())) {
        throw new IllegalArgumentException(envelope.author() + " does not own the network");
      }
      Body body = Json.read(envelope.payload(), Body.class);
      if (body == null || !network.id().equals(body.network) || !node.equals(body.node)) {
        throw new IllegalArgumentException("its devices are another's");
      }
      if (body.devices == null) {
        throw new IllegalArgumentException("it says nothing of devices");
      }
      List<Device> devices = new ArrayList<>();
      Set<PublicKey> keys = new HashSet<>();
      for (Entry entry : body.devices) {
        if (entry.member == null || entry.key == null || entry.preshared == null) {
          throw new IllegalArgumentException("it says too little of a device");
        }
        PublicKey key = new PublicKey(entry.key);
        if (!keys.add(key)) {
          throw new IllegalArgumentException("two of its devices have the key " + key);
        }
        devices.add(new Device(entry.member, key, new PresharedKey(entry.preshared)));
      }
      return new SignedDevices(body.version, devices, signed.clone());
    } catch (IOException e) {
      throw new IllegalArgumentException("no devices: " + e.getMessage(), e);
    }
  }

  /// Of the member list that has them.
  public long version() {
    return version;
  }

  public List<Device> devices() {
    return devices;
  }

  /// What was opened.
  public byte[] signed() {
    return signed.clone();
  }
}
