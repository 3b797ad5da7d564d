/// Tests of the client's parts that need no hub.
@NullMarked
package io.atoll.client;

import org.jspecify.annotations.NullMarked;
