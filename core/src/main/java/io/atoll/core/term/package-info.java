/// Values of the domain: ids, epochs, resources, sizes. Immutable, checked when made.
@NullMarked
package io.atoll.core.term;

import org.jspecify.annotations.NullMarked;
