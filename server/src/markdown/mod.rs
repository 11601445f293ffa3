//! Markdown: what a body links to, how its links follow a new id or become wikilinks, and how it becomes HTML. Pure, no I/O.
//!
//! `source` reads a body into tokens, once and the same way for everybody, so that the links table and the page always
//! agree; `wikilink` knows the grammar inside `[[ ]]`; `render` writes HTML; `raw_html` and `nesting` tame the HTML that an
//! author wrote, so that it is well nested and never deep; `sanitise` has the last word over the whole page.

mod bounds;
mod escape;
mod excerpt;
mod footnotes;
mod headings;
mod mention;
mod nesting;
mod passages;
mod raw_html;
mod reading;
mod render;
mod retarget;
mod sanitise;
mod shown_link;
mod source;
mod wikify;
mod wikilink;
#[cfg(test)]
mod xss_corpus;

pub use excerpt::{first_heading, plain, plain_excerpt};
pub use mention::{lines_with, mentions};
pub use passages::{PASSAGE_BYTES, Passage, passages};
pub use reading::{Reading, TARGETS, read, targets};
pub use render::render;
pub use retarget::retarget;
pub use wikify::{Place, wikify};
pub use wikilink::{Link, links};
