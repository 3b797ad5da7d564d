/// `/ipfs/ping/1.0.0`: 32 random bytes there and back, as often as the dialler likes on one stream.
@NullMarked
package io.atoll.p2p.ping;

import org.jspecify.annotations.NullMarked;
