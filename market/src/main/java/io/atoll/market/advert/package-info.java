/// Advertisements: what a node offers, signed by it and ending by itself, so that hubs find
/// providers they never met, and providers find hubs.
///
/// ```
/// advertiser ─ every few minutes ─→ DHT      /atoll/offer/PEER or /atoll/hub/PEER, and its id
///      │                                     among the providers of one of 16 places
///      └──────────────────────────→ gossip   topic atoll/offers or atoll/hubs
/// finder ←─ gossip ── whoever advertises now
///        ←─ a stream to neighbours ── what they have heard (/atoll/adverts/1)
///        ←─ DHT ── the 16 places, then each record
/// ```
///
/// The bytes are the same everywhere: a signed record of the DHT (`p2p.kad.machine.SignedRecord`),
/// whose sequence is the time of signing in milliseconds and whose data is JSON. Whoever passes one
/// on changes nothing, whoever gets one checks all of it.
@NullMarked
package io.atoll.market.advert;

import org.jspecify.annotations.NullMarked;
