/// Devices of people in a network: a telephone or a laptop with stock WireGuard. To the others it
/// is a member like any; it is on the node that it speaks to.
///
/// ```
///  device ── WireGuard ── the door's identity ─► Inbound ─► DevicePort ─► VirtualSwitch ─► members
/// ```
/// The door is a key of its own for each network on that node. It stays when the node's key
/// changes, because it is in the configuration that the device was given once. The private half of
/// the device's own key is in that configuration, and kept nowhere.
@NullMarked
package io.atoll.vpn.device;

import org.jspecify.annotations.NullMarked;
