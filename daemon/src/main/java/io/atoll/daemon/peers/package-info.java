/// What the owner of this daemon does with peers directly, without a hub: files and conversations.
@NullMarked
package io.atoll.daemon.peers;

import org.jspecify.annotations.NullMarked;
