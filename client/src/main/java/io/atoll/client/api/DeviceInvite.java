package io.atoll.client.api;

/// A device that was let into a network, with what its client needs.
///
/// @param config the whole configuration, as wg-quick(8) reads it. The device's private key is
///     in it and nowhere else: it is shown this once
public record DeviceInvite(DeviceView device, String config) {
  @Override
  public String toString() {
    return "DeviceInvite[" + device + "]";
  }
}
