-- Who did what: lines as they are hashed, each with the hash of the one before in it.

CREATE TABLE audit (
  seq  INTEGER PRIMARY KEY,
  line TEXT NOT NULL
) STRICT;
