package io.atoll.client.api;

import java.util.List;

/// The devices of a network, by address.
public record DeviceList(List<DeviceView> devices) {
  public DeviceList {
    devices = List.copyOf(devices);
  }
}
