@NullMarked
package io.atoll.market.payment;

import org.jspecify.annotations.NullMarked;
