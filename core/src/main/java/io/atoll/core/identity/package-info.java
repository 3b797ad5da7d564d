/// Who a node is: its key and the peer id made from it.
@NullMarked
package io.atoll.core.identity;

import org.jspecify.annotations.NullMarked;
