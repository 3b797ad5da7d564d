/// Whether work that is asked for was paid: asked on every way in, before anything is queued. What
/// a reference is, and who vouches for it, is for the check that a node's owner chose.
@NullMarked
package io.atoll.market.payment;

import org.jspecify.annotations.NullMarked;
