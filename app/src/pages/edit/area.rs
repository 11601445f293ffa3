//! What a `<textarea>` holds before WebAssembly is there.

/// A text as the `inner_html` of a `<textarea>`. As a child it would stand in the page as it is, and end the element where
/// its author wrote `</textarea>`.
pub fn content(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::content;

    #[test]
    fn nothing_in_a_text_ends_its_area() {
        assert_eq!(content("a </textarea><b> &lt;"), "a &lt;/textarea&gt;&lt;b&gt; &amp;lt;");
    }
}
