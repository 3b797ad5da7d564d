package io.atoll.daemon;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import java.util.List;

/// A node's part in private networks.
///
/// @param port of UDP for their packets; 0 = any, and the same again at the next start
/// @param host whether this machine itself may be a member
/// @param relay whether it passes packets on for other nodes
record NetSettings(int port, boolean host, Relay relay) {
  /// A hub is reached from everywhere already, and by whom it knows; the line of a provider is its
  /// owner's.
  enum Relay {
    HUBS,
    YES,
    NO;

    boolean consents(boolean hub) {
      return this == YES || (this == HUBS && hub);
    }
  }

  /// Any port, and nothing of the machine itself.
  static final NetSettings USUAL = new NetSettings(0, false, Relay.HUBS);

  static final Setting PORT =
      Setting.of("net-port", "0", "port of UDP for packets of private networks");
  static final Setting HOST =
      Setting.of("net-host", "false", "this machine itself may be a member of private networks");
  static final Setting RELAY =
      Setting.of(
          "relay-packets", "", "pass sealed packets on between other nodes; empty = hubs do");
  static final List<Setting> ALL = List.of(PORT, HOST, RELAY);

  static NetSettings of(Settings said) {
    String text = UpSettings.text(said, PORT);
    int port;
    try {
      port = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      port = -1;
    }
    if (port < 0 || port > 65_535) {
      throw UpSettings.wrong(said, PORT, "write a port, 1 to 65535, or 0 for any that is free");
    }
    return new NetSettings(port, UpSettings.flag(said, HOST), relay(said));
  }

  private static Relay relay(Settings said) {
    if (UpSettings.text(said, RELAY).isEmpty()) {
      return Relay.HUBS;
    }
    return UpSettings.flag(said, RELAY) ? Relay.YES : Relay.NO;
  }
}
