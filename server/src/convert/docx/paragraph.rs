//! A paragraph that is being read, and what it turns out to be.

use super::Context;
use super::blocks::{Block, BlockKind};
use super::inline::{self, Span};
use super::numbering::Counters;
use super::styles::{ListPlace, Role};

#[derive(Debug, Default)]
pub(super) struct Paragraph {
    pub(super) style: String,
    /// The list that the paragraph itself names; "0" takes it out of that of its style.
    pub(super) list: Option<String>,
    pub(super) level: Option<u8>,
    pub(super) outline: Option<u8>,
    pub(super) spans: Vec<Span>,
}

impl Paragraph {
    /// The block, and whether it is the title of the document. Empty paragraphs are but space.
    pub(super) fn finish(mut self, context: &Context, counters: &mut Counters) -> Option<(Block, bool)> {
        let role = self.role(context);
        let has_text = self.spans.iter().any(|span| !span.text.trim().is_empty());
        if role == Role::Contents || (!has_text && role != Role::Code) {
            return None;
        }
        if let Role::Heading(_) | Role::Title = role {
            self.spans.iter_mut().for_each(|span| span.look.bold = false);
        }
        let kind = match role {
            Role::Title => BlockKind::Heading(1),
            Role::Heading(level) => BlockKind::Heading(level),
            _ => match self
                .place(context)
                .and_then(|place| Some((place.level.min(8), context.numbering.mark(&place, counters)?)))
            {
                Some((level, mark)) => BlockKind::Item(level, mark),
                None if role == Role::Quote => BlockKind::Quote,
                None if role == Role::Code => BlockKind::Code,
                None => BlockKind::Plain,
            },
        };
        let text = if kind == BlockKind::Code {
            self.spans.iter().map(|span| span.text.as_str()).collect()
        } else {
            inline::markdown(&self.spans)
        };
        Some((Block { kind, text }, role == Role::Title))
    }

    fn role(&self, context: &Context) -> Role {
        let role = match self.outline {
            Some(level @ 0..9) => Role::Heading((level + 1).min(6)),
            _ => context.styles.role(&self.style),
        };
        let mut words = self.spans.iter().filter(|span| !span.text.trim().is_empty()).peekable();
        let is_code = words.peek().is_some() && words.all(|span| span.look.code && span.link.is_none());
        if role == Role::Plain && is_code { Role::Code } else { role }
    }

    fn place(&self, context: &Context) -> Option<ListPlace> {
        let by_style = context.styles.list(&self.style);
        let level = self.level.or(by_style.as_ref().map(|place| place.level)).unwrap_or(0);
        let list = self.list.clone().or(by_style.map(|place| place.list))?;
        Some(ListPlace { list, level })
    }
}
