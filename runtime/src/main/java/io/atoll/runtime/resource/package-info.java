/// What this machine has, how much of it is in use, and whether its owner needs it now.
///
/// ```
/// LoadReader ─→ Load ─┬→ Thresholds   no new work beyond them
///                     └→ OwnerPolicy  guests pause while the owner needs the machine
/// ```
@NullMarked
package io.atoll.runtime.resource;

import org.jspecify.annotations.NullMarked;
