/// One daemon: its settings, its wiring by hand, and the commands that need it.
@NullMarked
package io.atoll.daemon;

import org.jspecify.annotations.NullMarked;
