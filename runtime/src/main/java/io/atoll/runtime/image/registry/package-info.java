/// The pull side of the OCI distribution specification 1.1, over `java.net.http`: manifests and
/// blobs, anonymous, with a password or with tokens. The other end is not trusted: what it sends is
/// bounded in size and in time, and checked against the digest that was asked for while it comes.
@NullMarked
package io.atoll.runtime.image.registry;

import org.jspecify.annotations.NullMarked;
