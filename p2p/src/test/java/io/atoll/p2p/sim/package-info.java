/// Virtual time for networks of machines, in one thread.
@NullMarked
package io.atoll.p2p.sim;

import org.jspecify.annotations.NullMarked;
