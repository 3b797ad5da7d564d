/// Disks of virtual machines: what a foreign qcow2 file may be, and the writable layer over it.
@NullMarked
package io.atoll.runtime.qemu.disk;

import org.jspecify.annotations.NullMarked;
