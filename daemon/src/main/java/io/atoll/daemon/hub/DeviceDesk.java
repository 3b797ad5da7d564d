package io.atoll.daemon.hub;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceView;
import io.atoll.client.request.NetMapping;
import java.util.List;

/// Devices of people in private networks. Failures and the disk as in `HubApi`; networks and
/// devices are named by id or name.
public interface DeviceDesk {
  /// Lets a device in, once its door has said where it is. Nobody keeps the private key that is
  /// handed out.
  DeviceInvite invite(String network, NetMapping.WantedDevice wanted) throws InterruptedException;

  /// By address.
  List<DeviceView> list(String network);

  /// Its door knows it no longer.
  void remove(String network, String device) throws InterruptedException;
}
