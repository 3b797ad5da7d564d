package io.atoll.daemon.network;

import io.atoll.core.os.LinkControl;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.NetworkId;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.port.TunPort;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The interface by which this machine itself is in a network. It is gone when its port is closed,
/// or this process ends; neither routes nor the resolver of the machine are touched.
final class HostDevice {
  private static final Logger LOG = LoggerFactory.getLogger(HostDevice.class);

  private HostDevice() {}

  /// Makes it, with the member's addresses, and up.
  static TunPort open(Network network, Member member, int mtu) throws IOException {
    TunPort port = TunPort.open(name(network.id()), mtu);
    boolean done = false;
    try (LinkControl link = LinkControl.open(port.name())) {
      link.mtu(mtu);
      lengthen(link);
      link.address(member.v4().toInet(), network.v4().bits());
      link.address(member.v6().toInet(), network.v6().bits());
      link.up();
      done = true;
      return port;
    } finally {
      if (!done) {
        port.close();
      }
    }
  }

  /// Only the machine's own root may; without it, many connections that begin at once begin slowly.
  private static void lengthen(LinkControl link) {
    try {
      link.queue(TunPort.QUEUE);
    } catch (IOException e) {
      LOG.debug("a device keeps the queue that it has", e);
    }
  }

  /// Whether a device is one by which this machine is in one of these networks.
  static boolean isOne(String device, Collection<NetworkId> networks) {
    return networks.stream().anyMatch(network -> device.equals(name(network)));
  }

  /// At most 15 characters, and no other network's.
  static String name(NetworkId network) {
    return "at" + network;
  }

  /// Why this process makes no interfaces here; null if it does. Makes one and removes it.
  static @Nullable String missing() {
    String missing = TunDevice.missing();
    if (missing != null) {
      return missing;
    }
    try {
      TunDevice.open("attrial%d", false).descriptor().close();
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
