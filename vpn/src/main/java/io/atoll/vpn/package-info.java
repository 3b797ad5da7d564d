/// Private networks: packets of workloads, sealed on their way between nodes.
@NullMarked
package io.atoll.vpn;

import org.jspecify.annotations.NullMarked;
