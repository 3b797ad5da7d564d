@NullMarked
package io.atoll.runtime.qemu.build;

import org.jspecify.annotations.NullMarked;
