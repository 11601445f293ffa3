-- The index is kept without tables of prefixes: with them, 2,500 entries took 0.44 s to index instead of 0.17 s, and a
-- search for the beginning of a word gained less than 3 ms.
DROP TABLE entries_fts;
CREATE VIRTUAL TABLE entries_fts USING fts5 (
    title, aliases, tags, body,
    content = 'entries', content_rowid = 'uid',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO entries_fts (rowid, title, aliases, tags, body)
SELECT uid, title, aliases, tags, body FROM entries WHERE deleted_at IS NULL;
