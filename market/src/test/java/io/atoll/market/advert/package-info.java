@NullMarked
package io.atoll.market.advert;

import org.jspecify.annotations.NullMarked;
