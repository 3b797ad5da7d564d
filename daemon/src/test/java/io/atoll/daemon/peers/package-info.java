@NullMarked
package io.atoll.daemon.peers;

import org.jspecify.annotations.NullMarked;
