/// Machines on a real QEMU, in software where there is nothing better: a boot takes half a
/// minute to some minutes, so that few tests boot, and the contract runs on clones.
@NullMarked
package io.atoll.runtime.vm;

import org.jspecify.annotations.NullMarked;
