/// A network in memory for the tests of the ways into one.
@NullMarked
package io.atoll.daemon.gate;

import org.jspecify.annotations.NullMarked;
