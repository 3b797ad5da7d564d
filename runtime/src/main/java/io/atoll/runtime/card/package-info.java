/// Cards that a keeper holds: TUN devices which a supervisor, or a container's keeper, has opened
/// in the payload's network namespace, and hands to whatever daemon asks (`supervisor/cards.h`).
/// What the payload finds beside them, its names and its resolver, is written here, too.
///
/// ```
/// daemon ── M_CARD id ──▶ keeper ── M_CARD_IS errno + descriptor ──▶ daemon
///        ── M_ADDRESS card ──▶     ── M_ADDRESSED errno ──▶
/// ```
@NullMarked
package io.atoll.runtime.card;

import org.jspecify.annotations.NullMarked;
