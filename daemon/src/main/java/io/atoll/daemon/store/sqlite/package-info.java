/// The store in one SQLite file, `hub.db`.
///
/// ```
/// commit ──→ Writer ──────→ hub.db-wal ──fsync──→ outcomes
///              one connection    │
/// read ────→ Reader (of a few)   └── sees the last commit, never waits for the writer
/// ```
///
/// Each table has the columns that queries and preconditions look at, and the row itself as JSON in
/// `body`. A newer daemon may meet rows written by an older one: a field added to a row either has
/// a meaning when it is absent, or comes with a migration that fills it.
///
/// Migrations are numbered scripts under `db/hub`, applied in order; `PRAGMA user_version` says how
/// many the file has seen. A migration library would do the same and cost some 100 ms of every
/// start and several megabytes of a daemon that promises to be small, for a store with one file,
/// one writer and no teams that migrate it by hand.
@NullMarked
package io.atoll.daemon.store.sqlite;

import org.jspecify.annotations.NullMarked;
