//! What a folder says of the knowledge base that it is to become: the title and the description in its `kb.yaml`.

use crate::front_matter;
use app::protocol::limits;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where it says so.
pub(super) const FILE: &str = "kb.yaml";
/// No more of it is read.
const LARGEST: u64 = 256 * 1024;

/// What it says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
}

/// Reads the file, which is of use and not needed: where it is missing or says nothing, so does this.
pub(super) fn read(file: &Path) -> About {
    let mut yaml = String::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST).read_to_string(&mut yaml));
    if read.is_err() {
        return About::default();
    }
    parse(&yaml)
}

fn parse(yaml: &str) -> About {
    // A document of YAML may begin with the line by which front matter ends.
    let yaml = yaml.strip_prefix("---").unwrap_or(yaml);
    match front_matter::parse(&format!("---\n{yaml}\n---\n")) {
        Ok(parsed) => About {
            title: parsed.title.map(|title| title.chars().take(limits::TITLE_CHARS).collect()),
            description: parsed.metadata.get("description").and_then(|text| text.as_str()).map(|text| {
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                words.chars().take(limits::DESCRIPTION_CHARS).collect()
            }),
        },
        Err(why) => {
            tracing::warn!(%why, "{FILE} is not understood");
            About::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_say_what_it_is_about() {
        let about = parse(
            "name: agile\ntitle: Agile\ndescription: >\n  The movement\n  and its roots.\n\ntypes:\n  concept: {required: [title]}\n",
        );
        assert_eq!(about.title.as_deref(), Some("Agile"));
        assert_eq!(about.description.as_deref(), Some("The movement and its roots."));
        assert_eq!(parse("---\ntitle: Agile\n").title.as_deref(), Some("Agile"));
        assert_eq!(parse("name: agile\n"), About::default());
        assert_eq!(parse("a: [\n"), About::default());
        assert_eq!(read(Path::new("/nowhere/kb.yaml")), About::default());
    }
}
