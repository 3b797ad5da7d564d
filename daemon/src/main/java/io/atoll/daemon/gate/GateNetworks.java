package io.atoll.daemon.gate;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.KeyRow;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.port.PacketPort;

/// The networks in which this daemon has a place from which to dial.
public interface GateNetworks {
  /// The gate of a network, opened if it is not.
  ///
  /// @param network its name or id
  /// @throws AtollException NOT_FOUND if the caller has no such network
  Gate gate(String network, KeyRow caller);

  /// The port of an address that the caller was given, to send and receive whatever packets of IP
  /// the address may. The caller closes it; whoever took it before loses it.
  ///
  /// @throws AtollException NOT_FOUND if the caller has no such network, or no such address in it
  PacketPort raw(String network, String address, KeyRow caller);

  /// Of a daemon that is in no network.
  static GateNetworks none() {
    return new GateNetworks() {
      @Override
      public Gate gate(String network, KeyRow caller) {
        throw unknown();
      }

      @Override
      public PacketPort raw(String network, String address, KeyRow caller) {
        throw unknown();
      }

      private AtollException unknown() {
        return new AtollException(
            ErrorCode.NOT_FOUND,
            "this daemon has no networks",
            "ask a hub; `atoll net list` shows its networks");
      }
    };
  }
}
