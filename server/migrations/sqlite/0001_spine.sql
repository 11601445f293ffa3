-- The spine: knowledge bases, entries with their history, links and search, and the log of events.
-- Times are milliseconds since 1970-01-01 UTC. Lists and free data are JSON text.
-- Large columns come last, so that reading the others does not touch their overflow pages.

-- One row: which log this is, and which part of it is kept. Events floor + 1 … head are in `log`.
CREATE TABLE log_state (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT    NOT NULL,
    head  BIGINT  NOT NULL,
    floor BIGINT  NOT NULL
);

-- Durable events in commit order. `frame` is the event as it is sent, encoded once.
CREATE TABLE log (
    seq   INTEGER PRIMARY KEY,
    at    BIGINT NOT NULL,
    topic TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    frame TEXT   NOT NULL
);
-- For retention by age.
CREATE INDEX log_by_time ON log (at);

CREATE TABLE kbs (
    name        TEXT   PRIMARY KEY,
    title       TEXT   NOT NULL,
    -- How many entries it has, without the trash.
    entries     BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    description TEXT   NOT NULL
);

-- Entries, those in the trash too: they have a `deleted_at`. `uid` is never given twice, also not after a purge.
CREATE TABLE entries (
    uid        INTEGER PRIMARY KEY AUTOINCREMENT,
    kb_name    TEXT    NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    entry_id   TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    -- The title in lower case, for sorting by it in every script.
    title_key  TEXT    NOT NULL,
    entry_type TEXT    NOT NULL,
    tags       TEXT    NOT NULL,
    aliases    TEXT    NOT NULL,
    version    BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    created_by TEXT    NOT NULL,
    updated_by TEXT    NOT NULL,
    deleted_at BIGINT,
    deleted_by TEXT,
    metadata   TEXT    NOT NULL,
    body       TEXT    NOT NULL
);
CREATE UNIQUE INDEX entries_by_id ON entries (kb_name, entry_id) WHERE deleted_at IS NULL;
CREATE INDEX entries_by_update ON entries (kb_name, updated_at DESC, entry_id) WHERE deleted_at IS NULL;
CREATE INDEX entries_by_creation ON entries (kb_name, created_at DESC, entry_id) WHERE deleted_at IS NULL;
CREATE INDEX entries_by_title ON entries (kb_name, title_key, entry_id) WHERE deleted_at IS NULL;
CREATE INDEX entries_by_type ON entries (kb_name, entry_type) WHERE deleted_at IS NULL;
CREATE INDEX trash_by_time ON entries (kb_name, deleted_at DESC) WHERE deleted_at IS NOT NULL;

-- Every version of every entry. `body` is NULL where it is the same as in the version before.
CREATE TABLE entry_versions (
    uid           BIGINT NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    version       BIGINT NOT NULL,
    entry_id      TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    entry_type    TEXT   NOT NULL,
    tags          TEXT   NOT NULL,
    aliases       TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    actor         TEXT   NOT NULL,
    lines_added   BIGINT NOT NULL,
    lines_removed BIGINT NOT NULL,
    metadata      TEXT   NOT NULL,
    body          TEXT,
    PRIMARY KEY (uid, version)
);

-- What follows is derived from entries that are not in the trash, in the same transaction.

CREATE TABLE entry_tags (
    kb_name TEXT   NOT NULL,
    tag     TEXT   NOT NULL,
    uid     BIGINT NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    PRIMARY KEY (kb_name, tag, uid)
);
CREATE INDEX entry_tags_by_entry ON entry_tags (uid);

-- Names other than its id under which an entry is found: slugs of its aliases, and ids that it had before.
CREATE TABLE entry_names (
    kb_name TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    uid     BIGINT  NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    former  BOOLEAN NOT NULL,
    PRIMARY KEY (kb_name, name, uid)
);
CREATE INDEX entry_names_by_entry ON entry_names (uid);

-- Wikilinks, each target once. The target may be there or wanted.
CREATE TABLE links (
    uid       BIGINT NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    to_kb     TEXT   NOT NULL,
    to_entry  TEXT   NOT NULL,
    PRIMARY KEY (uid, to_kb, to_entry)
);
CREATE INDEX links_by_target ON links (to_kb, to_entry);

-- Full-text search over what `entries` holds; only what is not in the trash is indexed.
CREATE VIRTUAL TABLE entries_fts USING fts5 (
    title, aliases, tags, body,
    content = 'entries', content_rowid = 'uid',
    tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);

-- Writes that were done, by the id that their client gave them: the same id again gets the same answer.
CREATE TABLE mutations (
    mutation_id TEXT   PRIMARY KEY,
    at          BIGINT NOT NULL,
    -- Digest of who asked for what.
    fingerprint TEXT   NOT NULL,
    outcome     TEXT   NOT NULL
);
CREATE INDEX mutations_by_time ON mutations (at);

-- Which file of a synced folder brought which entry, and its content then. The file of an entry that was deleted for
-- good stays here without it, so that the entry does not come back as long as the file stays the same.
CREATE TABLE sync_files (
    kb_name TEXT   NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    folder  TEXT   NOT NULL,
    path    TEXT   NOT NULL,
    uid     BIGINT REFERENCES entries (uid) ON DELETE SET NULL,
    digest  TEXT   NOT NULL,
    PRIMARY KEY (kb_name, folder, path)
);
CREATE INDEX sync_files_by_entry ON sync_files (uid);
