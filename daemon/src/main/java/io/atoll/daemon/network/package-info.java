/// This daemon's part in private networks: the socket and the keys that it has for them, and the
/// networks as they were told to it.
///
/// ```
/// networks/port                the port of UDP that it had last
/// networks/<network id>.key    its key for one network, base64; then the public half, signed
/// networks/<network id>.door   the one by which devices know it there, written as that
/// ```
@NullMarked
package io.atoll.daemon.network;

import org.jspecify.annotations.NullMarked;
