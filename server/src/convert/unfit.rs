//! Why a file makes no document.

use super::{FILE_BYTES, Kind};

/// Why a file makes no document, and what its owner can do. It reads on after the name of the file: `a.doc: it is …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Files of this kind are known, and not read.
    #[error("it is {what}, and such files are not read. {mend}")]
    Unread {
        /// What it is, with its article.
        what: &'static str,
        /// What to do.
        mend: &'static str,
    },
    /// Nobody knows what the ending of its name means.
    #[error("files with the ending .{0} are not read. Those are: .md, .txt, .html, .pdf, .docx and .zip")]
    UnknownEnding(String),
    /// The name says one thing, and the content another.
    #[error("its name says that it is {named}, but it is {found}. Give it the ending that fits, or save it again as {named}")]
    Misnamed {
        /// What the name says.
        named: &'static str,
        /// What the content is.
        found: &'static str,
    },
    /// It was to be text.
    #[error("it is not text, but binary data. Upload what it was made of, or save it as text")]
    Binary,
    /// There is nothing in it.
    #[error("it is empty. Upload one that has text in it")]
    Empty,
    /// More than [`FILE_BYTES`].
    #[error("it has {bytes} bytes; {} are allowed. Split it into several files", FILE_BYTES)]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// It cannot be read without a password.
    #[error("it is encrypted. Remove its password, in the program that it was made with, and upload it again")]
    Encrypted,
    /// Pictures of pages.
    #[error("it has no text: it seems to be scanned. Run it through a program that recognises text (OCR) and upload the result")]
    Scanned,
    /// The fonts of a PDF do not say what their signs mean.
    #[error("its text cannot be read: its fonts do not say which letters they show. Print or export it to PDF again, or upload its source")]
    Undecodable,
    /// It is not what its kind prescribes.
    #[error("it is broken, or not {what} at all: {why}. Open it in the program that it was made with, save it again, and upload that")]
    Broken {
        /// What it was to be, with its article.
        what: &'static str,
        /// What was found.
        why: String,
    },
    /// It grows when it is unpacked.
    #[error("it unpacks to more than {megabytes} MB. Split it into several files")]
    Bomb {
        /// How much is allowed.
        megabytes: u64,
    },
    /// It has too much of something.
    #[error("it has more than {most} {what}. Split it into several files")]
    TooMany {
        /// How many are allowed.
        most: usize,
        /// Of what.
        what: &'static str,
    },
    /// It was given up.
    #[error("reading it takes too long. Split it into several files, or export it again in a simpler form")]
    TooSlow,
    /// It needs more memory than it may have.
    #[error("reading it takes too much memory, or its reader failed. Split it into several files, or export it again in a simpler form")]
    TooHeavy,
    /// What the process that read it says.
    #[error("{0}")]
    Told(String),
    /// A parser gave up in an unseemly way.
    #[error("it is broken in a way that the reader of {} does not understand. Save it again and upload that", .0.name())]
    Panicked(Kind),
    /// The HTML has nothing to read.
    #[error("the page cannot be read: {0}")]
    Html(String),
    /// A ZIP holds files, and each makes documents.
    #[error("it is an archive, and not a document. Unpack it, and upload its files")]
    NotADocument,
    /// The system does not give the bytes.
    #[error("it cannot be read: {0}. Upload it again")]
    Io(String),
}
