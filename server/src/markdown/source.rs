//! A body as tokens: markdown events in which each `[[wikilink]]` is already recognised or already plain text.

use super::bounds::is_markdown;
use super::wikilink::Written;
use app::protocol::KbName;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, OffsetIter, Options, Parser, Tag, TagEnd};
use std::collections::VecDeque;
use std::ops::Range;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A wikilink begins; what is shown of it follows as markdown.
    LinkStart(Wikilink),
    /// The wikilink ends.
    LinkEnd,
    /// Anything else; never a wikilink of the markdown parser.
    Markdown(Event<'a>),
}

/// A wikilink that can name an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wikilink {
    /// What stands before the `|`.
    pub(super) written: Written,
    /// Where the id or title stands in the body.
    pub(super) name: Range<usize>,
    /// Where the whole `[[…]]` stands in the body.
    pub(super) range: Range<usize>,
    /// Whether there is a `|`.
    pub(super) labelled: bool,
    /// Whether it stands in a table, where a `|` needs a backslash.
    pub(super) in_table: bool,
}

/// Reads a body that is in `kb`.
pub(super) fn tokens<'a>(body: &'a str, kb: &'a KbName) -> Tokens<'a> {
    Tokens {
        body,
        kb,
        events: events(body),
        ready: VecDeque::new(),
        open: Vec::new(),
        images: 0,
        in_table: false,
    }
}

/// The events of a body, each with its place, as everybody reads it.
pub(super) enum Events<'a> {
    /// A body that is markdown.
    Markdown(Box<OffsetIter<'a>>),
    /// One that is plain text: a block of code, which means nothing to anybody.
    Plain(std::vec::IntoIter<(Event<'a>, Range<usize>)>),
}

/// The events of a body.
pub(super) fn events(body: &str) -> Events<'_> {
    if is_markdown(body) {
        return Events::Markdown(Box::new(Parser::new_ext(body, options()).into_offset_iter()));
    }
    let block = vec![
        Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::Text(body.into()),
        Event::End(TagEnd::CodeBlock),
    ];
    let block: Vec<_> = block.into_iter().map(|event| (event, 0..body.len())).collect();
    Events::Plain(block.into_iter())
}

impl<'a> Iterator for Events<'a> {
    type Item = (Event<'a>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Events::Markdown(events) => events.next(),
            Events::Plain(events) => events.next(),
        }
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_WIKILINKS
}

/// How the end of an open link or image is to be read.
#[derive(Clone, Copy)]
enum Open {
    /// An ordinary link.
    Link,
    /// An ordinary image.
    Image,
    /// A wikilink.
    Wikilink,
    /// Brackets that are text.
    Brackets,
    /// A wikilink in the description of an image: only its text counts.
    Description,
}

/// See [`tokens`].
pub(super) struct Tokens<'a> {
    body: &'a str,
    kb: &'a KbName,
    events: Events<'a>,
    ready: VecDeque<Token<'a>>,
    open: Vec<Open>,
    images: usize,
    in_table: bool,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(token) = self.ready.pop_front() {
                return Some(token);
            }
            let (event, range) = self.events.next()?;
            self.take(event, range);
        }
    }
}

impl<'a> Tokens<'a> {
    fn take(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Link {
                link_type: LinkType::WikiLink { has_pothole },
                dest_url,
                ..
            }) => self.wikilink(dest_url, range, has_pothole),
            // `![[x]]` shows the link: there are no embedded entries.
            Event::Start(Tag::Image {
                link_type: LinkType::WikiLink { has_pothole },
                dest_url,
                ..
            }) => self.wikilink(dest_url, range.start + 1..range.end, has_pothole),
            Event::End(TagEnd::Link | TagEnd::Image) => self.end(event),
            _ => {
                match &event {
                    Event::Start(Tag::Link { .. }) => self.open.push(Open::Link),
                    Event::Start(Tag::Image { .. }) => {
                        self.open.push(Open::Image);
                        self.images += 1;
                    }
                    Event::Start(Tag::Table(_)) => self.in_table = true,
                    Event::End(TagEnd::Table) => self.in_table = false,
                    _ => {}
                }
                self.ready.push_back(Token::Markdown(event));
            }
        }
    }

    fn wikilink(&mut self, target: CowStr<'a>, range: Range<usize>, labelled: bool) {
        if self.images > 0 {
            self.open.push(Open::Description);
            return;
        }
        let start = range.start + 2;
        // A target that does not stand right behind the brackets begins with an escape, and is not meant as a link.
        let in_place = self.body.get(start..start + target.len()) == Some(&*target);
        match Written::parse(&target, self.kb).filter(|_| in_place) {
            Some(written) => {
                self.open.push(Open::Wikilink);
                self.ready.push_back(Token::LinkStart(Wikilink {
                    name: start + written.name.start..start + written.name.end,
                    written,
                    range,
                    labelled,
                    in_table: self.in_table,
                }));
            }
            None => {
                self.open.push(Open::Brackets);
                self.text("[[".into());
                if labelled {
                    self.text(target);
                    self.text("|".into());
                }
            }
        }
    }

    fn end(&mut self, event: Event<'a>) {
        match self.open.pop() {
            Some(Open::Wikilink) => self.ready.push_back(Token::LinkEnd),
            Some(Open::Brackets) => self.text("]]".into()),
            Some(Open::Description) => {}
            Some(Open::Image) => {
                self.images -= 1;
                self.ready.push_back(Token::Markdown(event));
            }
            Some(Open::Link) | None => self.ready.push_back(Token::Markdown(event)),
        }
    }

    fn text(&mut self, text: CowStr<'a>) {
        self.ready.push_back(Token::Markdown(Event::Text(text)));
    }
}
