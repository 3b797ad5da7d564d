/// What this machine is: processor, graphics, system, disk, and what its own control group
/// leaves it. Read from `/proc`, `/sys` and `os-release`; what those do not say is said to be
/// unknown, and never made up.
@NullMarked
package io.atoll.runtime.hardware;

import org.jspecify.annotations.NullMarked;
