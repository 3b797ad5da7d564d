/// How one channel carries many streams.
@NullMarked
package io.atoll.p2p.muxer;

import org.jspecify.annotations.NullMarked;
