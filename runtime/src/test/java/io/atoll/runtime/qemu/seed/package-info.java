@NullMarked
package io.atoll.runtime.qemu.seed;

import org.jspecify.annotations.NullMarked;
