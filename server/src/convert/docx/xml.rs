//! Walks through XML. Entities of a document type are never expanded, and nothing is nested on the stack.

use super::super::Unfit;
use super::broken;
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// Is told what the XML says.
pub(super) trait Visitor {
    /// An element begins.
    fn open(&mut self, tag: &Tag<'_>);
    /// An element ends.
    fn close(&mut self, _name: &str) {}
    /// Text.
    fn text(&mut self, _text: &str) {}
}

/// The beginning of an element.
pub(super) struct Tag<'t> {
    /// Without a prefix for those of Word; with `mc:`, `m:`, `dc:` or `x:` for all others.
    pub(super) name: &'t str,
    start: &'t BytesStart<'t>,
}

impl Tag<'_> {
    /// An attribute, whatever its prefix is.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let attribute = attributes
            .with_checks(false)
            .flatten()
            .find(|a| a.key.local_name().as_ref() == name)?;
        attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Into::into)
    }

    /// The attribute `val`.
    pub(super) fn val(&self) -> Option<String> {
        self.get("val")
    }

    /// What an element that switches something says: without a value it switches on.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.val().as_deref(), Some("0" | "false" | "off" | "none"))
    }
}

/// Walks through a part. An empty one has nothing to say.
pub(super) fn walk(text: &str, visitor: &mut dyn Visitor) -> Result<(), Unfit> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(broken)?;
        match event {
            Event::Start(start) => {
                let name = name_of(&namespace, start.local_name().as_ref());
                visitor.open(&Tag {
                    name: &name,
                    start: &start,
                });
            }
            Event::End(end) => visitor.close(&name_of(&namespace, end.local_name().as_ref())),
            Event::Text(text) => visitor.text(&text.xml10_content()),
            Event::CData(text) => visitor.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                if let Some(c) = reference.resolve_char_ref().map_err(broken)? {
                    visitor.text(c.encode_utf8(&mut [0; 4]));
                } else if let Some(text) = quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()) {
                    visitor.text(text);
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn name_of(namespace: &ResolveResult<'_>, local: &str) -> String {
    let ResolveResult::Bound(Namespace(namespace)) = namespace else {
        return format!("x:{local}");
    };
    // Of each there is a transitional and a strict form.
    if namespace.contains("/wordprocessingml/") && namespace.ends_with("/main") {
        local.to_owned()
    } else if namespace.contains("/markup-compatibility/") {
        format!("mc:{local}")
    } else if namespace.contains("officeDocument") && namespace.ends_with("/math") {
        format!("m:{local}")
    } else if namespace.starts_with("http://purl.org/dc/elements/") {
        format!("dc:{local}")
    } else {
        format!("x:{local}")
    }
}
