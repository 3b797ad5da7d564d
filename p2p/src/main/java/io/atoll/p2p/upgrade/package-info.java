/// How a bare wire becomes a connection: security, then a muxer, each agreed on by
/// multistream-select or inside the security handshake.
@NullMarked
package io.atoll.p2p.upgrade;

import org.jspecify.annotations.NullMarked;
