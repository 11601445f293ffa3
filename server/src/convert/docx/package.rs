//! The parts of the package, unpacked within bounds, and how they refer to each other.

use super::super::Unfit;
use super::{broken, xml};
use encoding_rs::Encoding;
use std::collections::HashMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Most bytes of all parts that are read.
const PARTS_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    left: u64,
}

/// A reference from one part to another, or out of the document.
struct Relation {
    id: String,
    kind: String,
    target: String,
    is_external: bool,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Unfit> {
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            return Err(Unfit::Encrypted);
        }
        Ok(Self {
            zip: ZipArchive::new(Cursor::new(bytes)).map_err(broken)?,
            left: PARTS_BYTES,
        })
    }

    /// The XML of a part; none where there is no such part.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Unfit> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(Unfit::Encrypted),
            Err(why) => return Err(broken(why)),
        };
        let mut bytes = Vec::new();
        file.take(self.left + 1).read_to_end(&mut bytes).map_err(broken)?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(Unfit::Bomb {
            megabytes: PARTS_BYTES / 1024 / 1024,
        })?;
        let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((encoding_rs::UTF_8, 0));
        Ok(Some(encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()))
    }

    /// The name of the part that holds the text.
    pub(super) fn main_part(&mut self) -> Result<String, Unfit> {
        let named = self
            .relations("")?
            .into_iter()
            .find(|relation| relation.kind.ends_with("/officeDocument"));
        let name = named.map_or_else(
            || "word/document.xml".to_owned(),
            |relation| relation.target.trim_start_matches('/').to_owned(),
        );
        if self.zip.index_for_name(&name).is_some() {
            return Ok(name);
        }
        Err(broken("it has no part word/document.xml"))
    }

    /// The part of that name in the folder of another.
    pub(super) fn beside(&self, part: &str, name: &str) -> String {
        part.rsplit_once('/')
            .map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
    }

    /// The addresses that a part links to, by the ids of its references.
    pub(super) fn links(&mut self, part: &str) -> Result<HashMap<String, String>, Unfit> {
        let relations = self.relations(part)?.into_iter();
        Ok(relations
            .filter(|relation| relation.is_external && relation.kind.ends_with("/hyperlink"))
            .map(|relation| (relation.id, relation.target))
            .collect())
    }

    fn relations(&mut self, part: &str) -> Result<Vec<Relation>, Unfit> {
        struct Relations(Vec<Relation>);
        impl xml::Visitor for Relations {
            fn open(&mut self, tag: &xml::Tag<'_>) {
                if let (Some(id), Some(kind), Some(target)) = (tag.get("Id"), tag.get("Type"), tag.get("Target")) {
                    self.0.push(Relation {
                        id,
                        kind,
                        target,
                        is_external: tag.get("TargetMode").is_some_and(|mode| mode == "External"),
                    });
                }
            }
        }
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let file = if folder.is_empty() {
            format!("_rels/{name}.rels")
        } else {
            format!("{folder}/_rels/{name}.rels")
        };
        let mut relations = Relations(Vec::new());
        if let Some(text) = self.part(&file)? {
            xml::walk(&text, &mut relations)?;
        }
        Ok(relations.0)
    }
}
