/// How a provider and a hub agree: an invite, what is offered, what the hub may do.
@NullMarked
package io.atoll.market.agreement;

import org.jspecify.annotations.NullMarked;
