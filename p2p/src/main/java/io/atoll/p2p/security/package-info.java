/// How a wire becomes a channel whose remote is proven and whose bytes nobody else reads.
@NullMarked
package io.atoll.p2p.security;

import org.jspecify.annotations.NullMarked;
