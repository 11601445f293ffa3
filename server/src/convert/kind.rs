//! What a file is: its name claims it, and its first bytes must agree.

use super::Unfit;

/// How many bytes of a file [`Kind::of`] wants to see.
pub const SNIFF_BYTES: usize = 8 * 1024;

/// A kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Markdown, perhaps with front matter.
    Markdown,
    /// Plain text whose lines make paragraphs.
    Text,
    /// Plain text whose lines stand for themselves, like a log or a table.
    Lines,
    /// A web page.
    Html,
    /// A PDF.
    Pdf,
    /// A Word document.
    Docx,
    /// An archive of files, for [`Archive`](super::Archive).
    Zip,
}

/// What the first bytes show.
enum Content {
    Pdf,
    Zip,
    Text,
    Binary,
    Other(&'static str),
}

impl Kind {
    /// What the file is. Of its content the first [`SNIFF_BYTES`] are enough.
    pub fn of(file_name: &str, first_bytes: &[u8]) -> Result<Self, Unfit> {
        let kind = Self::by_name(file_name)?;
        if first_bytes.is_empty() {
            return Err(Unfit::Empty);
        }
        let found = match (kind, Content::of(first_bytes)) {
            (Self::Pdf, Content::Pdf) | (Self::Docx | Self::Zip, Content::Zip) => return Ok(kind),
            (Self::Markdown | Self::Text | Self::Lines | Self::Html, Content::Text) => return Ok(kind),
            // Word packs an encrypted document into the container of its old format.
            (Self::Docx, Content::Other(OLE)) => return Err(Unfit::Encrypted),
            (Self::Markdown | Self::Text | Self::Lines | Self::Html, Content::Binary) => return Err(Unfit::Binary),
            (_, Content::Pdf) => Self::Pdf.name(),
            (_, Content::Zip) => "a ZIP archive, or a document that is packed like one",
            (_, Content::Text) => "plain text",
            (_, Content::Binary) => "binary data of another kind",
            (_, Content::Other(what)) => what,
        };
        Err(Unfit::Misnamed { named: kind.name(), found })
    }

    /// What the name of the file claims.
    pub(super) fn by_name(file_name: &str) -> Result<Self, Unfit> {
        let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
        let Some((_, ending)) = base.rsplit_once('.') else {
            // README, LICENSE and the like.
            return Ok(Self::Text);
        };
        let ending = ending.to_ascii_lowercase();
        match ending.as_str() {
            "md" | "markdown" | "mdown" | "mkd" => Ok(Self::Markdown),
            "txt" | "text" | "rst" | "org" | "adoc" => Ok(Self::Text),
            "log" | "csv" | "tsv" => Ok(Self::Lines),
            "html" | "htm" | "xhtml" => Ok(Self::Html),
            "pdf" => Ok(Self::Pdf),
            "docx" => Ok(Self::Docx),
            "zip" => Ok(Self::Zip),
            other => {
                Err(unread(other).unwrap_or_else(|| Unfit::UnknownEnding(other.chars().filter(|c| c.is_alphanumeric()).take(20).collect())))
            }
        }
    }

    /// What such a file is called, with the article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Text | Self::Lines => "plain text",
            Self::Html => "a web page",
            Self::Pdf => "a PDF",
            Self::Docx => "a Word document (.docx)",
            Self::Zip => "a ZIP archive",
        }
    }
}

fn unread(ending: &str) -> Option<Unfit> {
    const TO_DOCX: &str = "Save it as .docx or PDF, and upload that";
    let (what, mend) = match ending {
        "doc" | "dot" => ("a document of an old Word (.doc)", TO_DOCX),
        "docm" | "dotx" | "dotm" => ("a Word document with macros, or a template", "Save it as .docx, and upload that"),
        "odt" | "ott" | "rtf" | "pages" | "wpd" => ("a document of another word processor", TO_DOCX),
        "xls" | "xlsx" | "xlsm" | "ods" | "numbers" => ("a spreadsheet", "Export it as .csv, and upload that"),
        "ppt" | "pptx" | "odp" | "key" => ("a presentation", "Export it as PDF, and upload that"),
        "epub" | "mobi" | "azw3" | "djvu" | "ps" => ("a book or print file of another format", "Convert it to PDF, and upload that"),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "bmp" | "tif" | "tiff" | "heic" | "ico" | "avif" => {
            ("a picture", "Upload a text that describes it")
        }
        "mp3" | "wav" | "ogg" | "flac" | "m4a" | "mp4" | "mov" | "avi" | "mkv" | "webm" => {
            ("a recording", "Upload a transcript of it as text")
        }
        "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" | "7z" | "rar" | "jar" => {
            ("an archive that is no ZIP", "Pack its files as .zip, and upload that")
        }
        "exe" | "dll" | "so" | "bin" | "msi" | "apk" | "dmg" | "iso" | "class" | "wasm" | "sqlite" | "db" => {
            ("a program or binary data", "Upload text about it")
        }
        "eml" | "msg" => ("a mail", "Save its text as .txt or PDF, and upload that"),
        _ => return None,
    };
    Some(Unfit::Unread { what, mend })
}

/// The container of Word before 2007, and of encrypted documents.
const OLE: &str = "a document of an old Office, or an encrypted one";

/// How files begin that are text only to the eye.
const TEXT_MAGIC: [(&[u8], &str); 2] = [
    (b"{\\rtf", "a document in Rich Text Format"),
    (b"%!PS", "a print file (PostScript)"),
];

/// How binary files of other kinds begin.
const MAGIC: [(&[u8], &str); 18] = [
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", OLE),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xFF\xD8\xFF", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"RIFF", "a picture or recording"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"ID3", "a recording (MP3)"),
    (b"OggS", "a recording (Ogg)"),
    (b"\x1F\x8B", "an archive (gzip)"),
    (b"7z\xBC\xAF\x27\x1C", "an archive (7z)"),
    (b"Rar!\x1a\x07", "an archive (RAR)"),
    (b"\xFD7zXZ\0", "an archive (xz)"),
    (b"\x28\xB5\x2F\xFD", "an archive (zstd)"),
    (b"\x7FELF", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"%!PS", "a print file (PostScript)"),
];

impl Content {
    fn of(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(SNIFF_BYTES)];
        // Some programs write lines before the head of a PDF, and readers allow for it.
        let head = &bytes[..bytes.len().min(1024)];
        if let Some(at) = head.windows(5).position(|window| window == b"%PDF-")
            && (at == 0 || !super::text::looks_like_text(&bytes[at..]) || head[..at].iter().all(u8::is_ascii_whitespace))
        {
            return Self::Pdf;
        }
        if [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"]
            .iter()
            .any(|magic| bytes.starts_with(magic))
        {
            return Self::Zip;
        }
        let is_text = super::text::looks_like_text(bytes);
        let magic = if is_text { &TEXT_MAGIC[..] } else { &MAGIC[..] };
        match magic.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            Some((_, what)) => Self::Other(what),
            None if is_text => Self::Text,
            None if bytes.get(4..8) == Some(b"ftyp") => Self::Other("a recording or picture (MP4)"),
            None => Self::Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_content_agree() {
        for (name, bytes, kind) in [
            ("a.md", &b"# A"[..], Kind::Markdown),
            ("a.MARKDOWN", b"# A", Kind::Markdown),
            ("README", b"text", Kind::Text),
            ("a.b.txt", "Gr\u{fc}\u{df}e".as_bytes(), Kind::Text),
            ("a.txt", b"Gr\xfc\xdfe", Kind::Text),
            ("a.txt", b"\xff\xfeA\0b\0", Kind::Text),
            ("a.csv", b"a;b\n", Kind::Lines),
            ("a.htm", b"<!doctype html>", Kind::Html),
            ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", Kind::Pdf),
            ("a.pdf", b"\r\n%PDF-1.7\n", Kind::Pdf),
            ("a.docx", b"PK\x03\x04rest", Kind::Docx),
            ("dir/a.zip", b"PK\x03\x04rest", Kind::Zip),
        ] {
            assert_eq!(Kind::of(name, bytes), Ok(kind), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_refused() {
        for (name, bytes, says) in [
            ("a.md", &b"\x00\x01\x02\x03"[..], "binary data"),
            ("a.txt", b"%PDF-1.4\n", "it is a PDF"),
            ("a.md", b"PK\x03\x04\x14\x00", "ZIP archive"),
            ("a.pdf", b"hello", "plain text"),
            ("a.docx", b"%PDF-1.4\n", "it is a PDF"),
            ("a.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", "encrypted"),
            ("a.html", b"\x89PNG\r\n\x1a\n", "picture"),
            ("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", ".docx"),
            ("a.xlsx", b"PK\x03\x04", "spreadsheet"),
            ("a.pptx", b"PK\x03\x04", "presentation"),
            ("a.png", b"\x89PNG\r\n\x1a\n", "a picture"),
            ("a.xyz", b"text", ".xyz"),
            ("a.txt", b"", "empty"),
        ] {
            let why = Kind::of(name, bytes).unwrap_err().to_string();
            assert!(why.contains(says), "{name}: {why}");
        }
    }

    #[test]
    fn a_text_that_speaks_of_pdf_is_text() {
        assert_eq!(Kind::of("a.md", b"A PDF begins with `%PDF-1.7`."), Ok(Kind::Markdown));
    }
}
