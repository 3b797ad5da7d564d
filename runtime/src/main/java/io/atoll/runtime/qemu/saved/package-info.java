/// A machine as bytes: its processors, devices and memory, the way QEMU migrates them, over a
/// socket in QEMU's folder. Its sandbox lets it start no program and open no file of ours, so
/// this side compresses and writes.
///
/// A file of a machine that gave its memory back:
///
/// ```
/// u32 "ATLD" · u16 length · JSON: what is to be remembered · zstd with a checksum
/// ```
@NullMarked
package io.atoll.runtime.qemu.saved;

import org.jspecify.annotations.NullMarked;
