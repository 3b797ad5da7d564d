/// What the scheduler is told and what it answers: values, nothing else.
///
/// In: `Provider`, `Task`, `Held`, together a `Snapshot`, and a `Policy`. Out: `Decision`, and
/// for people `Why`. Times are milliseconds of whatever clock the caller has; the scheduler has
/// none.
@NullMarked
package io.atoll.scheduler.model;

import org.jspecify.annotations.NullMarked;
