/// The scheduler: a `Cluster` is told what happens, at a cost that depends on the change;
/// `Rounds.decide` says what to do next, `Planner` what would become of a task, `WhyNot` what
/// stands in its way.
///
/// ```
///            put, submit, adopt, forget …                 decide(now)
///   caller ────────────────────────→ Cluster → Index ←─────────────── Rounds → Decisions
///                                                ↑ asks                 │ for each
///   Planner, WhyNot ─────────────────────────────┴──── Placer ── Evictions ── VictimChoice
///
///   Index = Pool (slots) + Rooms (what is free, and free but for less urgent ones)
///         + WaitingTasks (queue of an app and priority → line of a demand → task)
///         + Yielding + Shares + Gatherings (groups, distances) + Claims + Lengths
/// ```
/// The same snapshot, policy and time give the same decisions, however the index came to be:
/// tests make it again from snapshots. Nothing here knows threads, clocks or chance.
///
/// Sources: best fit and victims on one machine, classes of equal machines and equal demands
/// (Verma et al., Borg, EuroSys 2015); share of the scarcest resource between apps (Ghodsi et
/// al., Dominant Resource Fairness, NSDI 2011); a place kept free for who waits too long
/// (Lifka, the ANL/IBM SP scheduling system, 1995); priorities that grow with waiting
/// (Kleinrock, 1964: their difference never changes, so the order is kept without a timer);
/// trees balanced by chance (Seidel and Aragon, 1996).
@NullMarked
package io.atoll.scheduler.engine;

import org.jspecify.annotations.NullMarked;
