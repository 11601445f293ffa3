-- Deletion in pieces: what is deleted for good is marked in one short transaction, from which on nobody sees it, and its rows
-- are removed by many that follow. The tables of rows are behind views of what is there, so no statement that reads can forget
-- the difference.
ALTER TABLE kbs RENAME TO kb_rows;
ALTER TABLE kb_rows ADD COLUMN gone BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX kbs_gone ON kb_rows (name) WHERE gone;
CREATE VIEW kbs AS
    SELECT name, title, entries, created_at, updated_at, description, members, since_seq FROM kb_rows WHERE NOT gone;

ALTER TABLE entries RENAME TO entry_rows;
ALTER TABLE entry_rows ADD COLUMN gone BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX entries_gone ON entry_rows (uid) WHERE gone;
-- A knowledge base that goes takes those in the trash with it too, which the other indexes leave out; and SQLite looks here
-- whether a knowledge base has entries left.
CREATE INDEX entries_of_kb ON entry_rows (kb_name);
-- What leaves the trash by its age.
CREATE INDEX trash_by_age ON entry_rows (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE VIEW entries AS
    SELECT uid, kb_name, entry_id, title, title_key, entry_type, tags, aliases, version, created_at, updated_at, created_by, updated_by,
           deleted_at, deleted_by, metadata, body
    FROM entry_rows WHERE NOT gone AND kb_name NOT IN (SELECT name FROM kb_rows WHERE gone);

ALTER TABLE jobs RENAME TO job_rows;
CREATE VIEW jobs AS
    SELECT job_no, job_id, kb_name, kind, title, status, phase, done, failed, skipped, total, percent, attempt, revision, created_at, queued_at,
           told_ahead, started_at, updated_at, ended_at, actor, user_id, reach, error, result, log, params
    FROM job_rows WHERE kb_name NOT IN (SELECT name FROM kb_rows WHERE gone);

-- Notifications say what they are about, so that they go with it, and are shown to nobody who may no longer read it; and by whom
-- they were caused, so that nobody's push out those of others.
ALTER TABLE notifications ADD COLUMN kb_name TEXT;
ALTER TABLE notifications ADD COLUMN uid BIGINT;
ALTER TABLE notifications ADD COLUMN sender TEXT NOT NULL DEFAULT '';
UPDATE notifications SET kb_name = data ->> 'kb_name' WHERE kind IN ('mention', 'watched', 'job', 'access');
UPDATE notifications SET uid = (SELECT e.uid FROM entry_rows e WHERE e.kb_name = notifications.kb_name AND e.entry_id = notifications.data ->> 'entry_id')
WHERE kb_name IS NOT NULL AND data ->> 'entry_id' IS NOT NULL;
UPDATE notifications SET sender = substr(actor, 6) WHERE actor LIKE 'user:%';
CREATE INDEX notifications_by_kb ON notifications (kb_name, uid) WHERE kb_name IS NOT NULL;
CREATE INDEX notifications_by_sender ON notifications (user_id, sender, notification_id);

-- For the ends of their other parts.
CREATE INDEX watches_by_person ON watches (user_id);
CREATE INDEX dismissals_by_person ON dismissals (user_id);
-- The queue of each lane, in order.
CREATE INDEX jobs_queue ON job_rows (kind, queued_at, job_no) WHERE status = 'queued';
