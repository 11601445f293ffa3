//! Writes the author's HTML well nested: every tag is closed within the markdown block that it stands in, tables hold
//! rows and rows hold cells, and nothing is deeper than [`DEEPEST`]. HTML parsers take quadratic time and memory for text
//! that breaks these rules, and the sanitiser is one. Tags and attributes that nobody needs are left out on the way.

use super::escape::{is_local, is_remote_picture, name_of_picture, push_raw_attribute, push_raw_text};
use super::raw_html::{Piece, pieces};

/// How deep elements may stand in each other; what is deeper loses its tags and keeps its text.
pub(super) const DEEPEST: usize = 100;

/// Elements within a line.
const PHRASING: [&str; 28] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strong", "sub", "sup", "time", "u", "var",
];
/// Elements that hold lines only.
const LINES: [&str; 11] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary", "figcaption", "dt"];
/// Elements that hold blocks.
const BLOCKS: [&str; 10] = ["blockquote", "dd", "details", "div", "dl", "figure", "li", "ol", "section", "ul"];
/// Elements of a table that hold no text of their own.
const TABLE: [&str; 5] = ["table", "thead", "tbody", "tfoot", "tr"];
/// Elements of a table that hold text.
const CELLS: [&str; 3] = ["caption", "td", "th"];
/// Elements without content.
const EMPTY: [&str; 4] = ["br", "hr", "img", "wbr"];

/// Whether authors may write this element at all.
pub(super) fn is_allowed(name: &str) -> bool {
    let groups: [&[&str]; 6] = [&PHRASING, &LINES, &BLOCKS, &TABLE, &CELLS, &EMPTY];
    groups.iter().any(|group| group.contains(&name))
}

/// An element that an author opened, and how deep in the markdown.
struct Opened {
    name: String,
    depth: usize,
}

/// The author's elements that are open.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Opened>,
}

impl Nesting {
    /// How many are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Writes a piece of a line of text; `depth` is how deep in the markdown it stands.
    pub(super) fn push_inline(&mut self, out: &mut String, html: &str, depth: usize, in_link: bool) {
        for piece in pieces(html) {
            match piece {
                Piece::Text(text) => push_raw_text(out, text),
                Piece::Open { name, attributes } => {
                    let fits = PHRASING.contains(&name.as_str()) || matches!(name.as_str(), "br" | "img" | "wbr");
                    if !fits && !is_allowed(&name) && attributes.is_empty() && is_placeholder(&name) {
                        // `Vec<T>` and `<your-name>` are meant as text.
                        push_raw_text(out, html);
                    } else if name == "img" && in_link {
                        self.image(out, &attributes, true);
                    } else if fits && !(in_link && name == "a") {
                        self.open(out, name, &attributes, depth);
                    }
                }
                Piece::Close { name } => self.close(out, &name, depth),
            }
        }
    }

    /// Writes a whole block of HTML; `depth` is how deep in the markdown it stands.
    pub(super) fn push_block(&mut self, out: &mut String, html: &str, depth: usize) {
        for piece in pieces(html) {
            match piece {
                Piece::Text(text) => {
                    let in_table = self.top(depth).is_some_and(|top| TABLE.contains(&top));
                    if !in_table || text.trim().is_empty() {
                        push_raw_text(out, text);
                    }
                }
                Piece::Open { name, attributes } => {
                    self.close_implied(out, &name, depth);
                    if self.fits(&name, depth) {
                        self.open(out, name, &attributes, depth);
                    }
                }
                Piece::Close { name } => self.close(out, &name, depth),
            }
        }
        while self
            .top(depth)
            .is_some_and(|top| !BLOCKS.contains(&top) && !TABLE.contains(&top) && !CELLS.contains(&top))
        {
            self.close_top(out);
        }
    }

    /// Before a markdown block: what cannot hold one is closed.
    pub(super) fn before_block(&mut self, out: &mut String, depth: usize) {
        while self.top(depth).is_some_and(|top| !BLOCKS.contains(&top) && !CELLS.contains(&top)) {
            self.close_top(out);
        }
    }

    /// At the end of a markdown element: what was opened at `depth` or deeper is closed.
    pub(super) fn close_from(&mut self, out: &mut String, depth: usize) {
        while self.open.last().is_some_and(|opened| opened.depth >= depth) {
            self.close_top(out);
        }
    }

    /// The innermost element that was opened at this depth.
    fn top(&self, depth: usize) -> Option<&str> {
        self.open
            .last()
            .filter(|opened| opened.depth == depth)
            .map(|opened| opened.name.as_str())
    }

    fn fits(&self, name: &str, depth: usize) -> bool {
        let phrasing = PHRASING.contains(&name) || matches!(name, "br" | "img" | "wbr");
        let top = self.top(depth);
        let in_table = top.filter(|top| TABLE.contains(top));
        match name {
            "tr" => matches!(in_table, Some("table" | "thead" | "tbody" | "tfoot")),
            "td" | "th" => in_table == Some("tr"),
            "thead" | "tbody" | "tfoot" | "caption" => in_table == Some("table"),
            _ if in_table.is_some() => false,
            "a" => !self.open.iter().any(|opened| opened.name == "a"),
            _ if phrasing => true,
            _ => is_allowed(name) && !top.is_some_and(|top| PHRASING.contains(&top) || LINES.contains(&top)),
        }
    }

    /// Closes what HTML lets authors leave open before this element.
    fn close_implied(&mut self, out: &mut String, name: &str, depth: usize) {
        let closes: &[&str] = match name {
            "li" => &["li", "p"],
            "dt" | "dd" => &["dt", "dd", "p"],
            "td" | "th" => &["td", "th", "p"],
            "tr" => &["td", "th", "tr", "p", "caption"],
            "thead" | "tbody" | "tfoot" => &["td", "th", "tr", "thead", "tbody", "tfoot", "p", "caption"],
            _ if PHRASING.contains(&name) || EMPTY.contains(&name) && name != "hr" => &[],
            _ => &["p"],
        };
        while self.top(depth).is_some_and(|top| closes.contains(&top)) {
            self.close_top(out);
        }
    }

    fn open(&mut self, out: &mut String, name: String, attributes: &[(String, &str)], depth: usize) {
        if depth + self.open.len() >= DEEPEST {
            return;
        }
        if name == "img" {
            let in_link = self.open.iter().any(|opened| opened.name == "a");
            self.image(out, attributes, in_link);
            return;
        }
        out.push('<');
        out.push_str(&name);
        for (attribute, value) in attributes {
            if keeps(&name, attribute, value) {
                push_raw_attribute(out, attribute, value);
            }
        }
        // An entity could hide where the link leads; so only what plainly is a path counts as local.
        let leads_out = |(attribute, url): &(String, &str)| attribute == "href" && (url.contains('&') || !is_local(url));
        if name == "a" && attributes.iter().any(leads_out) {
            out.push_str(" rel=\"noopener noreferrer nofollow\"");
        }
        out.push('>');
        if !EMPTY.contains(&name.as_str()) {
            self.open.push(Opened { name, depth });
        }
    }

    /// Writes a picture of this server, or a link to one of another host; of the latter only what it shows, within a link.
    fn image(&self, out: &mut String, attributes: &[(String, &str)], in_link: bool) {
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
        let Some(url) = value("src") else { return };
        if is_remote_picture(url) {
            let text = value("alt")
                .filter(|text| !text.trim().is_empty())
                .unwrap_or_else(|| name_of_picture(url));
            if !in_link {
                out.push_str("<a class=\"remote-picture\"");
                push_raw_attribute(out, "href", url);
                out.push_str(" rel=\"noopener noreferrer nofollow\">");
            }
            push_raw_text(out, text);
            if !in_link {
                out.push_str("</a>");
            }
        } else if is_local(url) {
            out.push_str("<img");
            for (attribute, value) in attributes {
                if keeps("img", attribute, value) {
                    push_raw_attribute(out, attribute, value);
                }
            }
            out.push_str(" loading=\"lazy\">");
        }
    }

    /// Closes the nearest open element of this name, with what is open within it.
    fn close(&mut self, out: &mut String, name: &str, depth: usize) {
        let found = self.open.iter().rposition(|opened| opened.depth == depth && opened.name == name);
        if let Some(found) = found {
            while self.open.len() > found {
                self.close_top(out);
            }
        }
    }

    fn close_top(&mut self, out: &mut String) {
        if let Some(opened) = self.open.pop() {
            out.push_str("</");
            out.push_str(&opened.name);
            out.push('>');
        }
    }
}

/// Whether authors may write this attribute. The sanitiser still looks at its value.
fn keeps(element: &str, attribute: &str, value: &str) -> bool {
    match (element, attribute) {
        (_, "title" | "lang" | "dir") => true,
        ("a", "href") | ("img", "src" | "alt" | "width" | "height") | ("details", "open") => true,
        ("td" | "th", "colspan" | "rowspan" | "align") | ("th", "scope") | ("ol", "start" | "type" | "reversed") => true,
        ("img" | "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "tr" | "table", "align") => true,
        ("del" | "ins" | "time", "datetime") => true,
        ("code", "class") => super::sanitise::is_language(value),
        _ => false,
    }
}

/// Whether a tag that is none of HTML's is rather a word in angle brackets.
fn is_placeholder(name: &str) -> bool {
    const HTML: [&str; 50] = [
        "address",
        "applet",
        "area",
        "article",
        "aside",
        "audio",
        "base",
        "body",
        "button",
        "canvas",
        "center",
        "datalist",
        "dialog",
        "embed",
        "fieldset",
        "font",
        "footer",
        "form",
        "frame",
        "frameset",
        "head",
        "header",
        "html",
        "iframe",
        "input",
        "label",
        "legend",
        "link",
        "main",
        "map",
        "marquee",
        "math",
        "meta",
        "nav",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "param",
        "picture",
        "plaintext",
        "select",
        "slot",
        "source",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    ];
    !HTML.contains(&name) && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(html: &str) -> String {
        let mut out = String::new();
        let mut nesting = Nesting::default();
        nesting.push_block(&mut out, html, 0);
        nesting.close_from(&mut out, 0);
        out
    }

    #[test]
    fn what_is_left_open_is_closed_in_order() {
        assert_eq!(block("<div><b>x</div>y"), "<div><b>x</b></div>y");
        assert_eq!(block("<ul><li>a<li>b</ul>"), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(block("</p>x</br>"), "x");
        assert_eq!(block("<p>a<p>b"), "<p>a</p><p>b</p>");
    }

    #[test]
    fn tables_hold_rows_and_rows_hold_cells() {
        assert_eq!(
            block("<table>x<b>y</b><tr><td>1<td>2<tr>z</table>"),
            "<table><tr><td>1</td><td>2</td></tr><tr></tr></table>"
        );
        assert_eq!(block("<td>x"), "x");
    }

    #[test]
    fn a_line_holds_no_blocks() {
        assert_eq!(block("<b><p>x</p></b>"), "<b>x</b>");
        assert_eq!(block("<h1><h2>x"), "<h1>x</h1>");
        assert_eq!(block("<a href=/x>1<a href=/y>2"), "<a href=\"/x\">12</a>");
    }

    #[test]
    fn only_known_elements_and_attributes_remain() {
        assert_eq!(
            block("<form action=x><div id=a class=b onclick=c style=d align=center>x<svg><x></form>"),
            "<div align=\"center\">x</div>"
        );
        assert_eq!(
            block("<img src=data:x><img src='a\"b' onerror=x>"),
            "<img src=\"a&quot;b\" loading=\"lazy\">"
        );
    }

    proptest! {
        #[test]
        fn whatever_the_author_wrote_is_well_nested(
            html in r"(</?(b|p|a|div|table|tr|td|th|tbody|ul|li|h1|summary|details|pre|br|img src=x)( title='>')?>|x|<|>|&amp;){0,120}",
        ) {
            let out = block(&html);
            let mut open = Vec::new();
            for piece in pieces(&out) {
                match piece {
                    Piece::Open { name, .. } => if !EMPTY.contains(&name.as_str()) {
                        open.push(name);
                        prop_assert!(open.len() <= DEEPEST);
                    },
                    Piece::Close { name } => prop_assert_eq!(open.pop(), Some(name)),
                    Piece::Text(_) => {}
                }
            }
            prop_assert!(open.is_empty());
        }
    }
}
