-- Columns are what queries and preconditions look at; everything else is in `body` (JSON of the row).

CREATE TABLE meta (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  generation INTEGER NOT NULL, -- of the highest epoch given out
  counter    INTEGER NOT NULL, -- of the highest epoch given out
  restored   INTEGER NOT NULL, -- 1 until every provider was heard after a restore
  last_seq   INTEGER NOT NULL, -- of the newest event ever written; never goes down
  trimmed    INTEGER NOT NULL  -- highest seq removed to keep the history within its bound
) STRICT;

CREATE TABLE task (
  no    INTEGER PRIMARY KEY, -- order of creation
  id    TEXT NOT NULL UNIQUE,
  name  TEXT,
  state TEXT NOT NULL,
  epoch TEXT NOT NULL,
  ended INTEGER NOT NULL,
  body  TEXT NOT NULL
) STRICT;
CREATE INDEX task_live ON task (no) WHERE ended = 0;
CREATE INDEX task_name ON task (name, no) WHERE name IS NOT NULL;

CREATE TABLE run (
  task       TEXT NOT NULL,
  generation INTEGER NOT NULL,
  counter    INTEGER NOT NULL,
  ended      INTEGER NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (task, generation, counter)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_live ON run (task) WHERE ended = 0;

CREATE TABLE node (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE app_key (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE invite (
  id   TEXT PRIMARY KEY,
  open INTEGER NOT NULL, -- neither used nor revoked
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  key_id          TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  body_hash       TEXT NOT NULL,
  task            TEXT NOT NULL,
  expires         INTEGER NOT NULL, -- milliseconds since 1970
  PRIMARY KEY (key_id, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);

CREATE TABLE forget (
  node TEXT NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (node, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  seq  INTEGER PRIMARY KEY, -- given by the store from meta.last_seq, so that none is given twice
  task TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX event_task ON event (task, seq) WHERE task IS NOT NULL;

INSERT INTO meta VALUES (1, 1, 0, 0, 0, 0);
