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
