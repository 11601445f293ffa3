//! Reads the HTML that an author wrote within markdown into tags and text. What it lets through is written anew by
//! `nesting`, so that later readers (the sanitiser, the browser) cannot understand it in another way.

/// A piece of an author's HTML.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text between tags; entities are still entities.
    Text(&'a str),
    /// `<name attribute="value">`
    Open { name: String, attributes: Vec<(String, &'a str)> },
    /// `</name>`
    Close { name: String },
}

/// Reads a piece of HTML. Comments, declarations, scripts and style sheets are left out.
pub(super) fn pieces(html: &str) -> Pieces<'_> {
    Pieces { rest: html }
}

/// See [`pieces`].
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(text) = self.rest.strip_prefix('<') else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Piece::Text(self.advance(end)));
            };
            if text.starts_with('!') || text.starts_with('?') {
                self.skip_declaration();
                continue;
            }
            let closing = text.starts_with('/');
            let name_at = 1 + usize::from(closing);
            if !self.rest[name_at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                // A `<` that opens no tag is text.
                let end = self.rest[1..].find('<').map_or(self.rest.len(), |at| at + 1);
                return Some(Piece::Text(self.advance(end)));
            }
            self.advance(name_at);
            let name = self.name();
            let attributes = self.attributes();
            if closing {
                return Some(Piece::Close { name });
            }
            if matches!(name.as_str(), "script" | "style") {
                self.skip_content(&name);
                continue;
            }
            return Some(Piece::Open { name, attributes });
        }
    }
}

impl<'a> Pieces<'a> {
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        head
    }

    fn advance_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        self.advance(end)
    }

    fn skip_declaration(&mut self) {
        let (skip, end) = if self.rest.starts_with("<!--") { (4, "-->") } else { (2, ">") };
        let end = self.rest[skip..].find(end).map_or(self.rest.len(), |at| skip + at + end.len());
        self.advance(end);
    }

    fn skip_content(&mut self, name: &str) {
        let end = self
            .rest
            .match_indices("</")
            .find(|(at, _)| {
                let after = &self.rest.as_bytes()[at + 2..];
                after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            })
            .map_or(self.rest.len(), |(at, _)| at);
        self.advance(end);
    }

    fn name(&mut self) -> String {
        self.advance_while(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>'))
            .to_ascii_lowercase()
    }

    /// Reads up to and with the `>` of the tag.
    fn attributes(&mut self) -> Vec<(String, &'a str)> {
        let mut found: Vec<(String, &'a str)> = Vec::new();
        loop {
            self.advance_while(|c| c.is_ascii_whitespace() || c == '/');
            if self.rest.is_empty() {
                return found;
            }
            if self.rest.starts_with('>') {
                self.advance(1);
                return found;
            }
            // A name may begin with `=`; so it is at least one character long, and the loop goes on.
            let first = self.rest.chars().next().map_or(0, char::len_utf8);
            let length = self.rest[first..]
                .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='))
                .map_or(self.rest.len(), |at| first + at);
            let name = self.advance(length).to_ascii_lowercase();
            let value = self.value();
            // More attributes than any element has are nobody's; looking each up among thousands would take long.
            if found.len() < 32 && !found.iter().any(|(other, _)| *other == name) {
                found.push((name, value));
            }
        }
    }

    fn value(&mut self) -> &'a str {
        let after_name = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(value) = after_name.strip_prefix('=') else {
            return "";
        };
        self.rest = value.trim_start_matches(|c: char| c.is_ascii_whitespace());
        for quote in ['"', '\''] {
            if let Some(quoted) = self.rest.strip_prefix(quote) {
                let end = quoted.find(quote).unwrap_or(quoted.len());
                self.rest = quoted.get(end + 1..).unwrap_or("");
                return &quoted[..end];
            }
        }
        self.advance_while(|c| !c.is_ascii_whitespace() && c != '>')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open<'a>(name: &str, attributes: &[(&str, &'a str)]) -> Piece<'a> {
        Piece::Open {
            name: name.to_owned(),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        }
    }

    #[test]
    fn tags_text_and_attributes_are_read_as_a_browser_reads_them() {
        let html = "a <B Title='x>y' HREF=z checked title=2>1 < 2</B ><br/><!-- <i> --><?x?>c";
        let found: Vec<_> = pieces(html).collect();
        let expected = [
            Piece::Text("a "),
            open("b", &[("title", "x>y"), ("href", "z"), ("checked", "")]),
            Piece::Text("1 "),
            Piece::Text("< 2"),
            Piece::Close { name: "b".to_owned() },
            open("br", &[]),
            Piece::Text("c"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn scripts_and_styles_are_left_out_with_what_they_hold() {
        let found: Vec<_> = pieces("a<script>if (x<y) '<b>'</SCRIPT>b<style>p{}").collect();
        let close = Piece::Close { name: "script".to_owned() };
        assert_eq!(found, [Piece::Text("a"), close, Piece::Text("b")]);
    }

    proptest! {
        #[test]
        fn it_ends_whatever_the_text(html in r"(<|>|/|=|'|\x22|!|-|script|[a-c \n]|\PC){0,200}") {
            let _ = pieces(&html).count();
        }
    }
}
