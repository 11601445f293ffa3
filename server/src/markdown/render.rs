//! A body as HTML. Markdown is written here, the author's own HTML by `nesting`; `sanitise` then goes over all of it.

use super::escape::{is_local, is_remote_picture, name_of_picture, push_attribute, push_segment, push_text};
use super::footnotes::Footnotes;
use super::headings::{self, Outline};
use super::nesting::{DEEPEST, Nesting};
use super::sanitise::{is_language, sanitise};
use super::shown_link::ShownLink;
use super::source::{Token, tokens};
use app::protocol::KbName;
use app::protocol::entry::{EntryRef, LinkTarget, Rendered};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

/// Makes a body HTML that is safe to show. `kb` is the knowledge base that it is in, `prefix` the path below which pages
/// are, empty for none; `resolve` finds the entry that a
/// link points to, by its id, a former id or an alias, without regard to case.
pub fn render(body: &str, kb: &KbName, prefix: &str, resolve: &dyn Fn(&LinkTarget) -> Option<EntryRef>) -> Rendered {
    let mut writer = Writer {
        out: String::with_capacity(body.len() + body.len() / 2),
        prefix: prefix.to_owned(),
        ..Writer::default()
    };
    let mut is_cut = false;
    for token in tokens(body, kb) {
        if writer.out.len() > HTML_BYTES {
            is_cut = true;
            break;
        }
        match token {
            Token::LinkStart(link) => writer.start_wikilink(ShownLink::new(&link, prefix, resolve)),
            Token::LinkEnd => writer.end_wikilink(),
            Token::Markdown(event) => writer.event(event),
        }
    }
    writer.nesting.close_from(&mut writer.out, 0);
    writer.footnotes.push_section(&mut writer.out);
    let mut rendered = headings::below_title(Rendered {
        html: sanitise(&writer.out),
        outline: writer.outline.into_headings(),
    });
    if is_cut {
        rendered.html.push_str(CUT);
    }
    rendered
}

/// Most bytes of HTML that a body becomes. What people write becomes twice what it is; a wikilink becomes twenty times that.
const HTML_BYTES: usize = 4 * 1024 * 1024;
/// What stands in the place of the rest.
const CUT: &str = "<p class=\"muted\">This entry is too long to show in full. Its source has the rest.</p>\n";

/// A heading that is open.
struct OpenHeading {
    /// Where its content begins in the output.
    start: usize,
    text: String,
}

/// An image that is open; images within its description only add to that.
struct OpenImage {
    url: String,
    title: String,
    description: String,
    within: usize,
}

/// A wikilink that is open.
struct OpenLink {
    /// Where its content begins in the output.
    start: usize,
    /// What to show where the author wrote no label.
    text: String,
    /// Whether what the author wrote is not shown.
    replaced: bool,
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Below which path pages are.
    prefix: String,
    /// For each open markdown element, whether its tags are written; not so where it is too deep.
    written: Vec<bool>,
    nesting: Nesting,
    outline: Outline,
    footnotes: Footnotes,
    heading: Option<OpenHeading>,
    image: Option<OpenImage>,
    wikilink: Option<OpenLink>,
    /// How many ordinary links are open.
    links: usize,
    /// A block of the author's HTML, until it is whole.
    html_block: Option<String>,
    /// Open footnotes: the name, and the output around it.
    around_footnote: Vec<(String, String)>,
    alignments: Vec<Alignment>,
    column: usize,
    in_table_head: bool,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::HtmlBlock) => self.html_block = Some(String::new()),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(html) = self.html_block.take() {
                    self.nesting.push_block(&mut self.out, &html, self.written.len());
                }
            }
            Event::Html(html) => match &mut self.html_block {
                Some(block) => block.push_str(&html),
                None => self.nesting.push_block(&mut self.out, &html, self.written.len()),
            },
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.in_element("code", &text),
            Event::SoftBreak => self.line_break("\n"),
            Event::HardBreak => self.line_break("<br>\n"),
            _ if self.image.is_some() => {}
            Event::InlineHtml(html) => {
                let in_link = self.links > 0 || self.wikilink.is_some();
                self.nesting.push_inline(&mut self.out, &html, self.written.len(), in_link);
            }
            Event::FootnoteReference(name) if self.links > 0 || self.wikilink.is_some() => {
                let number = self.footnotes.number(&name);
                self.out.push_str(&format!("[{number}]"));
            }
            Event::FootnoteReference(name) => self.footnotes.push_reference(&mut self.out, &name),
            Event::Rule => {
                self.nesting.before_block(&mut self.out, self.written.len());
                self.out.push_str("<hr>\n");
            }
            Event::TaskListMarker(true) => {
                self.out
                    .push_str("<input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"Done\"> ");
            }
            Event::TaskListMarker(false) => self.out.push_str("<input type=\"checkbox\" disabled=\"\" aria-label=\"To do\"> "),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(image) = &mut self.image {
            image.description.push_str(text);
        } else if !self.wikilink.as_ref().is_some_and(|link| link.replaced) {
            if let Some(heading) = &mut self.heading {
                heading.text.push_str(text);
            }
            push_text(&mut self.out, text);
        }
    }

    fn in_element(&mut self, name: &str, text: &str) {
        let bare = self.image.is_some() || self.wikilink.as_ref().is_some_and(|link| link.replaced);
        if bare {
            self.text(text);
        } else {
            self.out.push_str(&format!("<{name}>"));
            self.text(text);
            self.out.push_str(&format!("</{name}>"));
        }
    }

    fn line_break(&mut self, html: &str) {
        if let Some(image) = &mut self.image {
            image.description.push(' ');
        } else if !self.wikilink.as_ref().is_some_and(|link| link.replaced) {
            if let Some(heading) = &mut self.heading {
                heading.text.push(' ');
            }
            self.out.push_str(html);
        }
    }

    fn start_wikilink(&mut self, link: ShownLink) {
        self.written.push(true);
        self.out.push_str(&link.tag);
        let start = self.out.len();
        if !link.labelled {
            self.text(&link.text);
        }
        self.wikilink = Some(OpenLink {
            start,
            text: link.text,
            replaced: !link.labelled,
        });
    }

    fn end_wikilink(&mut self) {
        let Some(link) = self.wikilink.take() else { return };
        if self.out.len() == link.start {
            self.text(&link.text);
        }
        self.nesting.close_from(&mut self.out, self.written.len());
        self.written.pop();
        self.out.push_str("</a>");
    }

    fn start(&mut self, tag: Tag<'_>) {
        let is_block = matches!(
            tag,
            Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::List(_) | Tag::Table(_)
        );
        if is_block {
            self.nesting.before_block(&mut self.out, self.written.len());
        }
        let written = match tag {
            // A table is written with its rows and cells or not at all.
            Tag::TableHead | Tag::TableRow | Tag::TableCell => self.written.last().copied().unwrap_or(false),
            Tag::Table(_) => self.written.len() + self.nesting.depth() + 3 < DEEPEST,
            _ => self.written.len() + self.nesting.depth() < DEEPEST,
        };
        self.written.push(written);
        match tag {
            Tag::Image { dest_url, title, .. } => self.start_image(&dest_url, &title),
            Tag::FootnoteDefinition(name) => {
                let around = std::mem::take(&mut self.out);
                self.around_footnote.push((name.into_string(), around));
            }
            _ if !written || self.image.is_some() => {}
            Tag::Heading { .. } => {
                self.heading = Some(OpenHeading {
                    start: self.out.len(),
                    text: String::new(),
                });
            }
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => self.start_link(link_type, &dest_url, &title),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                // What may scroll must be reachable by keyboard, and so needs a name.
                self.out
                    .push_str("<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table dir=\"auto\">");
            }
            Tag::TableHead => {
                self.in_table_head = true;
                self.column = 0;
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            _ => self.start_plain(&tag),
        }
    }

    /// Elements that need no memory until their end.
    fn start_plain(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.out.push_str("<p>"),
            Tag::BlockQuote(_) => self.out.push_str("<blockquote dir=\"auto\">\n"),
            Tag::List(None) => self.out.push_str("<ul dir=\"auto\">\n"),
            Tag::List(Some(1)) => self.out.push_str("<ol dir=\"auto\">\n"),
            Tag::List(Some(start)) => self.out.push_str(&format!("<ol dir=\"auto\" start=\"{start}\">\n")),
            Tag::Item => self.out.push_str("<li>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::CodeBlock(kind) => {
                self.out.push_str("<pre tabindex=\"0\"><code");
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', '\t', ',', '{']).next().unwrap_or_default(),
                    CodeBlockKind::Indented => "",
                };
                let class = format!("language-{language}");
                if is_language(&class) {
                    self.out.push_str(&format!(" class=\"{class}\""));
                }
                self.out.push('>');
            }
            _ => {}
        }
    }

    fn start_image(&mut self, url: &str, title: &str) {
        match &mut self.image {
            Some(image) => image.within += 1,
            None => {
                self.image = Some(OpenImage {
                    url: url.to_owned(),
                    title: title.to_owned(),
                    description: String::new(),
                    within: 0,
                });
            }
        }
    }

    fn start_link(&mut self, link_type: LinkType, url: &str, title: &str) {
        self.links += 1;
        self.out.push_str("<a");
        match url.strip_prefix('#') {
            _ if link_type == LinkType::Email => push_attribute(&mut self.out, "href", &format!("mailto:{url}")),
            // Authors link to a heading by its slug; its anchor has a prefix.
            Some(heading) if !heading.is_empty() && !heading.starts_with("h-") && !heading.contains('%') => {
                let mut fragment = String::from("#");
                push_segment(&mut fragment, &headings::anchor(heading));
                push_attribute(&mut self.out, "href", &fragment);
            }
            // A body knows nothing of where its server is, so that it may move to another.
            _ if is_page(url) => push_attribute(&mut self.out, "href", &format!("{}{url}", self.prefix)),
            _ => push_attribute(&mut self.out, "href", url),
        }
        if !title.is_empty() {
            push_attribute(&mut self.out, "title", title);
        }
        if !is_local(url) || link_type == LinkType::Email {
            self.out.push_str(" rel=\"noopener noreferrer nofollow\"");
        }
        self.out.push('>');
    }

    fn start_cell(&mut self) {
        self.out.push_str(if self.in_table_head { "<th" } else { "<td" });
        match self.alignments.get(self.column) {
            Some(Alignment::Left) => self.out.push_str(" align=\"left\""),
            Some(Alignment::Center) => self.out.push_str(" align=\"center\""),
            Some(Alignment::Right) => self.out.push_str(" align=\"right\""),
            Some(Alignment::None) | None => {}
        }
        self.out.push('>');
    }

    fn end(&mut self, tag: TagEnd) {
        // What the author's HTML left open within this element ends with it.
        self.nesting.close_from(&mut self.out, self.written.len());
        let written = self.written.pop().unwrap_or(false);
        match tag {
            TagEnd::Image => self.end_image(),
            TagEnd::FootnoteDefinition => {
                if let Some((name, around)) = self.around_footnote.pop() {
                    let note = std::mem::replace(&mut self.out, around);
                    self.footnotes.define(&name, &note);
                }
            }
            _ if !written || self.image.is_some() => {}
            TagEnd::Heading(level) => self.end_heading(level as u8),
            TagEnd::Link => {
                self.links -= 1;
                self.out.push_str("</a>");
            }
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.out.push_str("</tr></thead><tbody>\n");
            }
            TagEnd::TableCell => {
                self.column += 1;
                self.out.push_str(if self.in_table_head { "</th>" } else { "</td>" });
            }
            _ => self.out.push_str(closing(tag)),
        }
    }

    fn end_heading(&mut self, level: u8) {
        let Some(heading) = self.heading.take() else { return };
        let anchor = self.outline.add(level, &heading.text);
        let content = self.out.split_off(heading.start);
        self.out.push_str(&format!("<h{level} id=\"{anchor}\">{content}</h{level}>\n"));
    }

    fn end_image(&mut self) {
        if let Some(image) = &mut self.image
            && image.within > 0
        {
            image.within -= 1;
            return;
        }
        let Some(image) = self.image.take() else { return };
        if is_remote_picture(&image.url) {
            self.link_to_picture(&image);
            return;
        }
        if !is_local(&image.url) {
            self.text(&image.description);
            return;
        }
        self.out.push_str("<img");
        push_attribute(&mut self.out, "src", &image.url);
        push_attribute(&mut self.out, "alt", &image.description);
        if !image.title.is_empty() {
            push_attribute(&mut self.out, "title", &image.title);
        }
        self.out.push_str(" loading=\"lazy\">");
    }

    fn link_to_picture(&mut self, image: &OpenImage) {
        let text = match image.description.trim() {
            "" => name_of_picture(&image.url),
            text => text,
        };
        if self.links > 0 || self.wikilink.is_some() {
            push_text(&mut self.out, text);
            return;
        }
        self.out.push_str("<a class=\"remote-picture\"");
        push_attribute(&mut self.out, "href", &image.url);
        if !image.title.is_empty() {
            push_attribute(&mut self.out, "title", &image.title);
        }
        self.out.push_str(" rel=\"noopener noreferrer nofollow\">");
        push_text(&mut self.out, text);
        self.out.push_str("</a>");
    }
}

/// Whether an address that an author wrote is one of Tidings itself: a page of a knowledge base, or of the API.
fn is_page(url: &str) -> bool {
    ["/kb", "/docs"]
        .iter()
        .filter_map(|page| url.strip_prefix(page))
        .any(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

fn closing(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Paragraph => "</p>\n",
        TagEnd::BlockQuote(_) => "</blockquote>\n",
        TagEnd::CodeBlock => "</code></pre>\n",
        TagEnd::List(true) => "</ol>\n",
        TagEnd::List(false) => "</ul>\n",
        TagEnd::Item => "</li>\n",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::Strikethrough => "</del>",
        TagEnd::Table => "</tbody></table></div>\n",
        TagEnd::TableRow => "</tr>\n",
        _ => "",
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
