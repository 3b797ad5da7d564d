/// Which peers are worth dialling and keeping, by what is known of them.
@NullMarked
package io.atoll.p2p.filter;

import org.jspecify.annotations.NullMarked;
