/// What a cloud image is told about itself at its first boot: the NoCloud data source of
/// cloud-init, a small read-only disk labelled `cidata` with these files.
///
/// ```
/// meta-data       who it is: instance-id, local-hostname, public-keys
/// network-config  version 2: one card, by its MAC, with DHCP
/// user-data       the caller's, byte for byte; `#cloud-config` alone if there is none
/// vendor-data     ours, where there is something to do; user-data wins over it
/// ```
///
/// Nothing is merged by us: cloud-init keeps the provider's part and the caller's apart, and the
/// files that we write are JSON, which is YAML in which no value can be mistaken for structure.
///
/// The disk is ISO 9660 (ECMA-119) with a Joliet tree beside the plain one, for the names; sectors
/// of 2048 bytes:
///
/// ```
/// 0-15  nothing          18  end of descriptors   21,22  path tables, Joliet (L, M)
/// 16    plain volume     19  path table (L)       23     folder, plain names
/// 17    Joliet volume    20  path table (M)       24     folder, Joliet names   25-  the files
/// ```
@NullMarked
package io.atoll.runtime.qemu.seed;

import org.jspecify.annotations.NullMarked;
