/// Keys and signatures as libp2p writes them (peer-ids specification): a PublicKey message
/// `{1 Type, 2 Data}`, four types of keys, one way to sign for each.
@NullMarked
package io.atoll.core.crypto;

import org.jspecify.annotations.NullMarked;
