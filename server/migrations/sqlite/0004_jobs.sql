-- Jobs: what was asked for, how far it is, and what became of each of its items.
CREATE TABLE jobs (
    -- In the order in which they were asked for.
    job_no     INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     TEXT    NOT NULL UNIQUE,
    kb_name    TEXT    NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    phase      TEXT    NOT NULL,
    -- Items, by what became of them; those that wait are the rest.
    done       BIGINT  NOT NULL DEFAULT 0,
    failed     BIGINT  NOT NULL DEFAULT 0,
    skipped    BIGINT  NOT NULL DEFAULT 0,
    total      BIGINT  NOT NULL DEFAULT 0,
    percent    BIGINT  NOT NULL DEFAULT 0,
    attempt    BIGINT  NOT NULL DEFAULT 1,
    revision   BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    queued_at  BIGINT  NOT NULL,
    -- How many go before it, as was told last.
    told_ahead BIGINT,
    started_at BIGINT,
    updated_at BIGINT  NOT NULL,
    ended_at   BIGINT,
    -- Who asked for it: under which name its changes are kept, whose rights it has, and whether they are an owner's because
    -- the server asks nobody who they are.
    actor      TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    reach      BOOLEAN NOT NULL,
    error      TEXT,
    result     TEXT    NOT NULL DEFAULT '{}',
    log        TEXT    NOT NULL DEFAULT '[]',
    params     TEXT    NOT NULL
);
CREATE INDEX jobs_by_status ON jobs (status, queued_at);
CREATE INDEX jobs_by_kb ON jobs (kb_name, job_no);

CREATE TABLE job_items (
    job_no  BIGINT NOT NULL REFERENCES jobs (job_no) ON DELETE CASCADE,
    item    BIGINT NOT NULL,
    name    TEXT   NOT NULL,
    outcome TEXT   NOT NULL,
    -- How many links away from the first page of a crawl.
    depth   BIGINT NOT NULL DEFAULT 0,
    uid     BIGINT,
    why     TEXT,
    PRIMARY KEY (job_no, item)
);
CREATE UNIQUE INDEX job_items_by_name ON job_items (job_no, name);
CREATE INDEX job_items_by_outcome ON job_items (job_no, outcome, item);

-- Where entries came from, and their content then: a page of the web, or a file that was sent.
CREATE TABLE sources (
    kb_name       TEXT   NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    -- An address in the form in which two of the same page are equal, or the digest of a file.
    source        TEXT   NOT NULL,
    uid           BIGINT NOT NULL REFERENCES entries (uid) ON DELETE CASCADE,
    -- The version of the entry that was written last for it: a later one is by people.
    version       BIGINT NOT NULL,
    -- What the source said last, where that is another text than that version has: after it was merged with what people wrote.
    text          TEXT,
    etag          TEXT,
    last_modified TEXT,
    digest        TEXT   NOT NULL,
    -- Where a page leads, as JSON: it is followed also where the page is still the same, and is not sent again.
    leads_to      TEXT   NOT NULL DEFAULT '[]',
    PRIMARY KEY (kb_name, source)
);
CREATE INDEX sources_by_entry ON sources (uid);
