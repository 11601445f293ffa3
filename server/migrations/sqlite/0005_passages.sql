-- Long texts in passages, so that what is found is shown in its place. A text that is no longer than a passage has none: it is
-- its own. Derived from entries that are not in the trash, in the same transaction; texts of before are taken apart when the
-- database is opened.
CREATE TABLE passages (
    uid    BIGINT NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    -- Where it stands in the text, in bytes.
    start  BIGINT NOT NULL,
    length BIGINT NOT NULL,
    -- The anchor of the heading below which it stands.
    anchor TEXT,
    PRIMARY KEY (uid, number)
);

-- The row of a passage is `uid * 4096 + number`. The index keeps no text: that is in the entry.
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    text, content = '', contentless_delete = 1,
    tokenize = 'porter unicode61 remove_diacritics 2'
);
