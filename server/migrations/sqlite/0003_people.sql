-- People: accounts and how they are known, rights, notifications, announcements. Secrets are kept as digests only.

-- Everybody who was ever known here: a name is never given to somebody else, so who was removed stays, with `removed_at`.
CREATE TABLE people (
    user_id    TEXT   PRIMARY KEY,
    -- owner or member
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- Events of this person's own topic up to here are of somebody who was removed, and came back.
    since_seq  BIGINT NOT NULL DEFAULT 0,
    seen_at    BIGINT,
    removed_at BIGINT,
    -- argon2id in PHC format; none for whom only tokens speak.
    password   TEXT
);

-- Browsers in which somebody is logged in.
CREATE TABLE devices (
    device_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT   NOT NULL REFERENCES people (user_id) ON DELETE CASCADE,
    digest     TEXT   NOT NULL UNIQUE,
    device     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX devices_by_person ON devices (user_id);

-- Programs' tokens. Those that were taken back are gone.
CREATE TABLE tokens (
    token_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT   NOT NULL REFERENCES people (user_id) ON DELETE CASCADE,
    digest     TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    -- A list as JSON text.
    scopes     TEXT   NOT NULL,
    kb_name    TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at    BIGINT
);
CREATE INDEX tokens_by_person ON tokens (user_id);

-- Links by which somebody gets an account: the first owner's (`claim`), and invitations.
CREATE TABLE invitations (
    invitation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest     TEXT    NOT NULL UNIQUE,
    claim      BOOLEAN NOT NULL,
    role       TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT
);

-- What members may do in a knowledge base for whom nothing else is said, and from which event on it is this one:
-- one of the same name before it was another.
ALTER TABLE kbs ADD COLUMN members TEXT NOT NULL DEFAULT 'read';
ALTER TABLE kbs ADD COLUMN since_seq BIGINT NOT NULL DEFAULT 0;

CREATE TABLE rights (
    kb_name TEXT NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES people (user_id) ON DELETE CASCADE,
    level   TEXT NOT NULL,
    PRIMARY KEY (kb_name, user_id)
);
CREATE INDEX rights_by_person ON rights (user_id);

CREATE TABLE notifications (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    link       TEXT,
    actor      TEXT    NOT NULL,
    -- Those of the same thing are told as one, as long as nobody has looked. Empty: never.
    about      TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    seen       BOOLEAN NOT NULL DEFAULT FALSE,
    read       BOOLEAN NOT NULL DEFAULT FALSE,
    data       TEXT    NOT NULL
);
CREATE INDEX notifications_by_person ON notifications (user_id, notification_id);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE NOT read;

CREATE TABLE preferences (
    user_id  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    delivery TEXT NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- Who watches a knowledge base (`uid` 0), or an entry.
CREATE TABLE watches (
    kb_name TEXT   NOT NULL REFERENCES kbs (name) ON DELETE CASCADE,
    uid     BIGINT NOT NULL,
    user_id TEXT   NOT NULL,
    PRIMARY KEY (kb_name, uid, user_id)
);

CREATE TABLE announcements (
    announcement_id INTEGER PRIMARY KEY AUTOINCREMENT,
    level      TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE TABLE dismissals (
    announcement_id BIGINT NOT NULL REFERENCES announcements (announcement_id) ON DELETE CASCADE,
    user_id         TEXT   NOT NULL,
    PRIMARY KEY (announcement_id, user_id)
);

-- The events that change who may hear what: whoever comes back is asked whether there were any.
CREATE INDEX log_of_access ON log (seq) WHERE kind IN
    ('kb_created', 'kb_deleted', 'kb_access_changed', 'access_changed', 'person_joined', 'person_removed', 'role_changed', 'device_ended', 'token_revoked');
