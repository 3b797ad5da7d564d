package io.atoll.vpn.wireguard.noise;

import java.util.Arrays;

/// What a handshake gives: a key for each direction. Never prints.
///
/// @param send seals what goes out
/// @param receive opens what comes in
public record TransportKeys(byte[] send, byte[] receive) {

  /// Wiped as soon as ciphers were made of them.
  public void wipe() {
    Arrays.fill(send, (byte) 0);
    Arrays.fill(receive, (byte) 0);
  }

  @Override
  public String toString() {
    return "TransportKeys[hidden]";
  }
}
