/// A node that passes sealed packets on between two others, for whom no direct way is found. It
/// cannot read them, nor make one: what it does to a packet is to write eight bytes anew.
///
/// Who wants to be passed on asks over libp2p (`/atoll/packet-relay/1`, JSON of [RelayMessage],
/// each behind its length in two bytes), so the relay knows whom it serves:
///
/// ```
///  one ──── meet other ──► relay              a seat: a number and a key of 32 bytes
///  one ◄─── seat ───────── relay ── asked ──► other   which meets one if it wants to
///                          relay ◄── meet ─── other
///  one ◄─── met ────────── relay ── seat, met ──► other
///  one ──── tell other ──► relay ──── told ──► other     news of up to 8 KB, unread
/// ```
/// Then packets flow, over UDP or, for whoever cannot reach the relay so, over a stream of
/// `/atoll/packets/1` to it; each of the two ends in its own way.
///
/// ```
///  0      3    4        8          16            34    50
///  ├──────┼────┼────────┼──────────┼─────────────┼─────┤
///  │8a4174│ 11 │ number │ counter  │ zeros       │ MAC │  bind: I sit here, in answer to which
///  │8a4174│ 19 │ number │ counter  │ seen, hidden│ MAC │  bound: there I see you; as long
///  ├──────┼────┼────────┼──────────┴─────────────┴─────┘
///  │8a4174│ 10 │ number │ a packet as it is …             to the relay: of this seat
///  │8a4174│ 18 │ number │ the same packet …               from it: of the number that `meet` had
///  └──────┴────┴────────┘
///  MAC   keyed BLAKE2s under the seat's key of all before it
///  seen  XOR with the start of HASH(key ‖ counter)
/// ```
/// The counter only grows, so nobody moves a seat by what he has overheard. A packet counts only
/// from where its seat is bound, goes only to whoever was asked for by name and asked back, and
/// takes from its sender's allowance. A seat that is not bound for a while is given up. Packets of
/// one length that follow each other go on in one call, as they came.
@NullMarked
package io.atoll.vpn.relay;

import org.jspecify.annotations.NullMarked;
