/// As much of Golem Unlimited's hub as speaks of peers, in its words: a translation of what the
/// hub knows, which keeps nothing itself. What it is and is not stands in
/// `docs/provider-information.md`.
@NullMarked
package io.atoll.daemon.unlimited;

import org.jspecify.annotations.NullMarked;
