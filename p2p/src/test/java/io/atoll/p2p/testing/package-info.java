/// What several tests of this module need.
@NullMarked
package io.atoll.p2p.testing;

import org.jspecify.annotations.NullMarked;
