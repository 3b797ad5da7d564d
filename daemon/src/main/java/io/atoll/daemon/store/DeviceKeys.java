package io.atoll.daemon.store;

/// By which keys of WireGuard a device is known, in the store, as `wg` prints them. Its private
/// key is nowhere but in the configuration that it was given once.
///
/// @param preshared what it and its door have beside their keys
public record DeviceKeys(String key, String preshared) {
  @Override
  public String toString() {
    return "DeviceKeys[" + key + "]";
  }
}
