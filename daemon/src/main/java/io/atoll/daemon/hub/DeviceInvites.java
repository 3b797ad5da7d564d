package io.atoll.daemon.hub;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.DeviceConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes the keys of devices, and their configurations once their doors have said how they are
/// known and reached. The door of a device is told of it as of any other change of its network.
final class DeviceInvites implements DeviceDesk {
  private static final int KEY_BYTES = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 200;

  /// The ticket of a request whose answer is of no interest.
  private static final long NOBODY = 0;

  private final PeerId hub;
  private final HubLoop loop;
  private final SecureRandom random = new SecureRandom();

  DeviceInvites(PeerId hub, HubLoop loop) {
    this.hub = hub;
    this.loop = loop;
  }

  @Override
  public DeviceInvite invite(String network, NetMapping.WantedDevice wanted)
      throws InterruptedException {
    PrivateKey secret = PrivateKey.random(random);
    byte[] preshared = new byte[KEY_BYTES];
    random.nextBytes(preshared);
    DeviceKeys keys = new DeviceKeys(secret.publicKey().toString(), base64(preshared));
    String id = Secrets.id('d');
    PeerId door = door(wanted.door());
    try {
      Hub.expectDone(
          loop.request(t -> new HubEvent.InviteDevice(t, network, id, wanted.name(), keys, door)));
      DeviceView device = letIn(network, id);
      return new DeviceInvite(device, config(network, device, secret, keys).text());
    } catch (RuntimeException | InterruptedException e) {
      // Nobody has its key: it is of no use. It may still be let in by what was asked for.
      loop.happened(new HubEvent.RemoveDevice(NOBODY, network, id));
      throw e;
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private PeerId door(@Nullable String node) {
    return node == null
        ? hub
        : loop.ask((machine, _) -> machine.findNode(node)).orElseThrow(() -> Hub.noNode(node));
  }

  /// Waits until the door has said all that the configuration needs.
  private DeviceView letIn(String network, String id) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      DeviceView device =
          loop.ask((machine, _) -> machine.device(network, id))
              .orElseThrow(
                  () ->
                      new AtollException(
                          ErrorCode.CONFLICT,
                          "the device was removed before its door let it in",
                          "invite it again"));
      if (device.doorKey() != null && device.endpoint() != null) {
        return device;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AtollException(
            ErrorCode.UNREACHABLE,
            "node "
                + (device.doorName() == null ? device.door() : device.doorName())
                + " did not let the device in within "
                + PATIENCE.toSeconds()
                + " s",
            "is its Atoll as new as the hub's? see `atoll node list`; or name another node with"
                + " --door");
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private DeviceConfig config(
      String network, DeviceView device, PrivateKey secret, DeviceKeys keys) {
    Network inside =
        loop.ask((machine, _) -> machine.membership(network))
            .orElseThrow(() -> Hub.noNetwork(network))
            .network();
    NetworkView view =
        loop.ask((machine, _) -> machine.network(network))
            .orElseThrow(() -> Hub.noNetwork(network));
    return new DeviceConfig(
        base64(secret.secretBytes()),
        List.of(device.v4(), device.v6()),
        List.of(inside.gateway4(), inside.gateway6()),
        view.domain(),
        view.mtu(),
        Objects.requireNonNull(device.doorKey()),
        keys.preshared(),
        Objects.requireNonNull(device.endpoint()),
        List.of(inside.v4(), inside.v6()));
  }

  @Override
  public List<DeviceView> list(String network) {
    return loop.ask((machine, _) -> machine.devices(network))
        .orElseThrow(() -> Hub.noNetwork(network));
  }

  @Override
  public void remove(String network, String device) throws InterruptedException {
    Hub.expectDone(loop.request(t -> new HubEvent.RemoveDevice(t, network, device)));
  }
}
