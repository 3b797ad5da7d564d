@NullMarked
package io.atoll.runtime.qemu.disk;

import org.jspecify.annotations.NullMarked;
