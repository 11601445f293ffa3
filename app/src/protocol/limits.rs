//! Sizes and times that both sides keep to. Bytes are UTF-8 bytes.

use std::time::Duration;

/// Longest name of a knowledge base, in bytes.
pub const KB_NAME_BYTES: usize = 64;
/// Longest entry id, in bytes.
pub const ENTRY_ID_BYTES: usize = 240;
/// Longest user name, in bytes.
pub const USER_ID_BYTES: usize = 120;
/// Longest title, in characters.
pub const TITLE_CHARS: usize = 500;
/// Longest description of a knowledge base, in characters.
pub const DESCRIPTION_CHARS: usize = 5_000;
/// Largest body of an entry, in bytes.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Longest entry type, in characters.
pub const ENTRY_TYPE_CHARS: usize = 64;
/// Longest tag, in characters.
pub const TAG_CHARS: usize = 100;
/// Most tags of an entry; as many aliases.
pub const TAGS: usize = 100;
/// Most links of an entry that its events name.
pub const EVENT_LINKS: usize = 64;
/// Largest metadata of an entry as JSON, in bytes.
pub const METADATA_BYTES: usize = 64 * 1024;
/// Largest message on a socket, in bytes.
pub const FRAME_BYTES: usize = 1024 * 1024;
/// Most items of one page of a list.
pub const PAGE_ITEMS: usize = 1_000;
/// Items of one page of a list where the caller does not say.
pub const PAGE_ITEMS_DEFAULT: usize = 50;
/// Longest search text, in characters.
pub const QUERY_CHARS: usize = 500;
/// Most topics that a connection names.
pub const TOPICS: usize = 256;
/// How often the server tells each socket how far it is.
pub const HEARTBEAT: Duration = Duration::from_secs(25);
/// A socket on which nothing arrived for so long is dead, for the browser.
pub const SILENCE: Duration = Duration::from_secs(60);
/// How long a deleted entry stays in the trash.
pub const TRASH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Shortest password, in characters.
pub const PASSWORD_CHARS: usize = 10;
/// Longest password, in bytes: more makes the digest of it slow, and nobody safer.
pub const PASSWORD_BYTES: usize = 1_024;
/// Notifications that are kept for each person.
pub const NOTIFICATIONS: usize = 1_000;
/// Most of them that one sender has caused.
pub const NOTIFICATIONS_OF_SENDER: usize = 200;
/// Longest title of a notification, in characters.
pub const NOTIFICATION_TITLE_CHARS: usize = 200;
/// Longest text of a notification or an announcement, in characters.
pub const NOTIFICATION_CHARS: usize = 4_000;
/// Largest data of a notification as JSON, in bytes.
pub const NOTIFICATION_DATA_BYTES: usize = 16 * 1024;
/// Most sockets of one person.
pub const SOCKETS: usize = 20;
/// What a client says of its presence holds for so long.
pub const PRESENCE: Duration = Duration::from_secs(35);
/// How often a client says it again.
pub const PRESENCE_AGAIN: Duration = Duration::from_secs(12);
/// Pages that a crawl fetches where nobody says, and at the most.
pub const CRAWL_PAGES_DEFAULT: u64 = 200;
/// See [`CRAWL_PAGES_DEFAULT`].
pub const CRAWL_PAGES: u64 = 10_000;
/// How many links a page of a crawl may be away from the first where nobody says, and at the most.
pub const CRAWL_DEPTH_DEFAULT: u32 = 3;
/// See [`CRAWL_DEPTH_DEFAULT`].
pub const CRAWL_DEPTH: u32 = 50;
/// Most patterns of a crawl, of either kind.
pub const CRAWL_PATTERNS: usize = 50;
/// Longest pattern of a crawl, in bytes.
pub const CRAWL_PATTERN_BYTES: usize = 300;
/// Longest address, in bytes.
pub const URL_BYTES: usize = 2_048;
/// Longest title of a job, in characters.
pub const JOB_TITLE_CHARS: usize = 300;
/// Most jobs of one person that wait.
pub const JOBS_WAITING_OF_PERSON: u64 = 100;
/// Most jobs that wait.
pub const JOBS_WAITING: u64 = 500;
/// Most items of a job.
pub const JOB_ITEMS: u64 = 20_000;
/// Largest file of an upload, in bytes.
pub const UPLOAD_FILE_BYTES: u64 = 50 * 1024 * 1024;
/// Most bytes of one upload.
pub const UPLOAD_BYTES: u64 = 500 * 1024 * 1024;
/// Most files of one upload.
pub const UPLOAD_FILES: usize = 2_000;
/// How often a job tells how far it is, at the most.
pub const JOB_PROGRESS: Duration = Duration::from_millis(100);
/// Jobs that are over are kept so long.
pub const JOBS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Records of the server's log that are kept in memory.
pub const LOG_RECORDS: usize = 5_000;
