/// Time as an argument, so that what decides can be simulated.
@NullMarked
package io.atoll.core.time;

import org.jspecify.annotations.NullMarked;
