package io.atoll.vpn.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The list of devices that a node lets in, on its way from the network's owner.
class SignedDevicesTest {
  private final Identity owner = Identity.generate();
  private final Identity node = Identity.generate();
  private final Network network = network(owner, "n000000000001");
  private final List<Device> two = List.of(device("d1", 1), device("d2", 2));

  private static Network network(Identity owner, String id) {
    return Network.of(new NetworkId(id), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
  }

  private static Device device(String member, int secret) {
    byte[] preshared = new byte[32];
    Arrays.fill(preshared, (byte) secret);
    return new Device(
        member, PrivateKey.random(new SecureRandom()).publicKey(), new PresharedKey(preshared));
  }

  private byte[] sealed(Identity by, List<Device> devices) {
    return SignedDevices.seal(by, network.id(), node.id(), 7, devices);
  }

  @Test
  void arrivesAsItsOwnerSignedIt() {
    byte[] sealed = sealed(owner, two);
    SignedDevices opened = SignedDevices.open(sealed, network, node.id());
    assertThat(opened.devices()).isEqualTo(two);
    assertThat(opened.version()).isEqualTo(7);
    assertThat(opened.signed()).isEqualTo(sealed);
    assertThat(SignedDevices.open(sealed(owner, List.of()), network, node.id()).devices())
        .isEmpty();
  }

  @Test
  void isTakenFromTheOwnerAloneAndForThisNodeAndNetworkAlone() {
    assertThatThrownBy(() -> SignedDevices.open(sealed(node, two), network, node.id()))
        .hasMessageContaining("does not own");
    assertThatThrownBy(() -> SignedDevices.open(sealed(owner, two), network, owner.id()))
        .hasMessageContaining("another's");
    Network other = network(owner, "n000000000002");
    assertThatThrownBy(() -> SignedDevices.open(sealed(owner, two), other, node.id()))
        .hasMessageContaining("another's");
    byte[] damaged = sealed(owner, two);
    damaged[damaged.length - 1] ^= 1;
    assertThatThrownBy(() -> SignedDevices.open(damaged, network, node.id()))
        .hasMessageContaining("signature");
  }

  @Test
  void aKeyIsOneDevices() {
    Device first = two.getFirst();
    List<Device> same = List.of(first, new Device("d3", first.key(), first.preshared()));
    assertThatThrownBy(() -> SignedDevices.open(sealed(owner, same), network, node.id()))
        .hasMessageContaining("two of its devices");
  }

  @Test
  void itsSecretsDoNotPrint() {
    assertThat(two.getFirst().toString()).contains("hidden").doesNotContain("AQEB");
  }

  @Test
  void damagedLists() {
    byte[] honest = sealed(owner, two);
    Fuzz.rounds(
        "lists of devices",
        2_000,
        random -> {
          SignedDevices opened;
          try {
            opened = SignedDevices.open(Fuzz.bytes(random, List.of(honest)), network, node.id());
          } catch (IllegalArgumentException refused) {
            return;
          }
          assertThat(opened.devices()).isEqualTo(two);
        });
  }
}
