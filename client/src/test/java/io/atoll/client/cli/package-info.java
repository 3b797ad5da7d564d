/// Tests of what commands draw, as far as they need no hub.
@NullMarked
package io.atoll.client.cli;

import org.jspecify.annotations.NullMarked;
