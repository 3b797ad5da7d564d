-- What those who speak other vocabularies keep beside the hub's own rows.

CREATE TABLE note (
  space TEXT NOT NULL,
  id    TEXT NOT NULL,
  body  TEXT NOT NULL,
  PRIMARY KEY (space, id)
) STRICT, WITHOUT ROWID;
