/// Which peer an address belongs to, and which packets were seen before.
@NullMarked
package io.atoll.vpn.wireguard.route;

import org.jspecify.annotations.NullMarked;
