package io.atoll.daemon.network;

import io.atoll.core.os.LinkControl;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.NetworkId;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.port.TunPort;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The interface by which this machine itself is in a network. It is gone when its port is closed,
/// or this process ends; neither routes nor the resolver of the machine are touched.
final class HostDevice {
  private HostDevice() {}

  /// Makes it, with the member's addresses, and up.
  static TunPort open(Network network, Member member, int mtu) throws IOException {
    TunPort port = TunPort.open(name(network.id()), mtu);
    boolean done = false;
    try (LinkControl link = LinkControl.open(port.name())) {
      link.mtu(mtu);
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
