-- Private networks: what they are, who has an address in them, and the keys of their nodes.

CREATE TABLE network (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE seat (
  network TEXT NOT NULL,
  holder  TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (network, holder)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_key (
  network TEXT NOT NULL,
  node    TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (network, node)
) STRICT, WITHOUT ROWID;
