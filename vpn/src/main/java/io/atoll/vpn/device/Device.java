package io.atoll.vpn.device;

import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;

/// What the node that a device speaks to has to know of it.
///
/// @param member which member it is
public record Device(String member, PublicKey key, PresharedKey preshared) {}
