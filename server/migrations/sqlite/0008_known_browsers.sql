-- Browsers in which somebody was logged in once: whoever guesses at their password elsewhere does not keep them out there.
CREATE TABLE known_browsers (
    digest  TEXT   PRIMARY KEY,
    user_id TEXT   NOT NULL REFERENCES people (user_id) ON DELETE CASCADE,
    used_at BIGINT NOT NULL
);
CREATE INDEX known_browsers_by_person ON known_browsers (user_id, used_at);

-- What has expired is removed by its age.
CREATE INDEX devices_by_end ON devices (expires_at);
