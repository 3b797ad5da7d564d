/// Pure decisions: which waiting task goes to which node, and why one goes nowhere.
///
/// ```
/// PendingQueue ─┐
/// nodes ────────┴→ ClusterView → Scheduler.plan → Plan (placements)
///                              → Explainer.explain → Explanation
/// ```
/// The same view gives the same plan. Tasks that ask for the same are one class, looked at once; a
/// class that no node could take is looked at again only where something became free.
@NullMarked
package io.atoll.scheduler;

import org.jspecify.annotations.NullMarked;
