//! What readers get to see of a body.

use super::*;
use app::protocol::EntryId;
use proptest::prelude::*;

fn kb() -> KbName {
    KbName::parse("notes").unwrap()
}

/// Knows `pdca` (also as `shewhart-cycle`) in `notes` and `deming`.
fn known(target: &LinkTarget) -> Option<EntryRef> {
    matches!(target.entry_id.as_str(), "pdca" | "shewhart-cycle").then(|| EntryRef {
        kb_name: target.kb_name.clone(),
        entry_id: EntryId::parse("pdca").unwrap(),
        title: "Plan <Do> Check".to_owned(),
    })
}

fn html(body: &str) -> String {
    render(body, &kb(), "", &known).html
}

fn paragraph(body: &str) -> String {
    html(body).trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}

const THERE: &str = "<a href=\"/kb/notes/e/pdca\" class=\"wikilink\" data-kb=\"notes\" data-entry=\"pdca\">";

#[test]
fn a_wikilink_shows_the_label_or_the_title_or_what_is_written() {
    assert_eq!(paragraph("[[pdca]]"), format!("{THERE}Plan &lt;Do&gt; Check</a>"));
    assert_eq!(paragraph("[[pdca|the *cycle*]]"), format!("{THERE}the <em>cycle</em></a>"));
    assert_eq!(paragraph("[[pdca|]]"), format!("{THERE}Plan &lt;Do&gt; Check</a>"));
    assert_eq!(paragraph("[[PDCA]]"), format!("{THERE}PDCA</a>"));
}

#[test]
fn a_link_to_a_former_id_points_to_the_present_one() {
    assert_eq!(paragraph("[[Shewhart Cycle]]"), format!("{THERE}Shewhart Cycle</a>"));
}

#[test]
fn a_wanted_entry_is_marked_and_linked() {
    let wanted = "<a href=\"/kb/deming/e/gr%C3%B6%C3%9Fe\" class=\"wikilink wanted\" data-kb=\"deming\" data-entry=\"größe\" \
                  title=\"There is no entry größe yet: follow the link to write it\">deming:größe</a>";
    assert_eq!(paragraph("[[deming:größe]]"), wanted);
}

#[test]
fn a_link_to_a_heading_leads_to_its_anchor() {
    let linked = paragraph("[[pdca#The Cycle]]");
    assert!(linked.contains("href=\"/kb/notes/e/pdca#h-the-cycle\""), "{linked}");
    assert!(linked.contains(">Plan &lt;Do&gt; Check › The Cycle<"), "{linked}");
    assert!(html("[x](#the-cycle)\n\n# The Cycle").contains("<a href=\"#h-the-cycle\">x</a>"));
}

#[test]
fn links_within_tidings_lead_below_its_prefix_and_others_where_they_say() {
    let below = |body: &str| render(body, &kb(), "/team/notes", &known).html;
    for (body, href) in [
        ("[[pdca]]", "/team/notes/kb/notes/e/pdca"),
        ("[[Größe]]", "/team/notes/kb/notes/e/gr%C3%B6%C3%9Fe"),
        ("[[deming:pdca#a b]]", "/team/notes/kb/deming/e/pdca#h-a-b"),
        ("[x](/kb/notes/trash)", "/team/notes/kb/notes/trash"),
        ("[x](/docs#stale_version)", "/team/notes/docs#stale_version"),
        ("[x](/docs2/kb/)", "/docs2/kb/"),
        ("[x](/wiki/kb/notes)", "/wiki/kb/notes"),
        ("[x](#a)", "#h-a"),
        ("[x](https://example.org/kb/x)", "https://example.org/kb/x"),
    ] {
        assert!(below(body).contains(&format!("<a href=\"{href}\"")), "{}", below(body));
    }
}

#[test]
fn brackets_that_are_no_link_stay_text() {
    assert_eq!(paragraph("[[?]] [[!|x *y*]] [[]]"), "[[?]] [[!|x <em>y</em>]] [[]]");
}

#[test]
fn headings_have_unique_anchors_and_make_the_outline() {
    let rendered = render("# A *b* `c`\n\n## A b c\n\n## [[pdca]]\n\n# <b>?</b>", &kb(), "", &known);
    let outline: Vec<_> = rendered
        .outline
        .iter()
        .map(|h| (h.level, h.anchor.as_str(), h.text.as_str()))
        .collect();
    assert_eq!(
        outline,
        [
            (2, "h-a-b-c", "A b c"),
            (3, "h-a-b-c-2", "A b c"),
            (3, "h-plan-do-check", "Plan <Do> Check"),
            (2, "h-section", "?")
        ]
    );
    assert!(
        rendered.html.starts_with("<h2 id=\"h-a-b-c\">A <em>b</em> <code>c</code></h2>"),
        "{}",
        rendered.html
    );
}

#[test]
fn a_text_leaves_the_first_level_to_the_title_of_its_page() {
    let shifted = html("# One\n\n##### Five\n\n###### Six\n\n<h1>Own</h1>\n\nAbout `<h1>`.");
    for tag in [
        "<h2 id=\"h-one\">",
        "<h6 id=\"h-five\">",
        "<h6 id=\"h-six\">",
        "<h2>Own</h2>",
        "&lt;h1&gt;",
    ] {
        assert!(shifted.contains(tag), "{tag} in {shifted}");
    }
    assert!(!shifted.contains("<h1"), "{shifted}");
    let kept = html("## Two\n\n### Three");
    assert!(kept.starts_with("<h2 id=\"h-two\">Two</h2>"), "{kept}");
}

#[test]
fn tables_can_scroll_and_keep_their_alignment() {
    let table = html("| a | b |\n|:-:|---|\n| [[pdca\\|x]] | ~~y~~ |");
    assert!(table.starts_with("<div class=\"table-scroll\""), "{table}");
    assert!(table.contains("<th align=\"center\">a</th><th>b</th>"), "{table}");
    assert!(
        table.contains(&format!("<td align=\"center\">{THERE}x</a></td><td><del>y</del></td>")),
        "{table}"
    );
}

#[test]
fn task_lists_keep_their_boxes() {
    let list = html("- [x] a\n- [ ] b");
    assert!(
        list.contains("<li><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"Done\"> a</li>"),
        "{list}"
    );
    assert!(
        list.contains("<li><input type=\"checkbox\" disabled=\"\" aria-label=\"To do\"> b</li>"),
        "{list}"
    );
}

#[test]
fn footnotes_come_last_and_lead_back() {
    let page = html("a[^x] b[^y] c[^x]\n\n[^y]: second\n[^x]: first\n\nend");
    assert!(
        page.contains("<sup class=\"footnote-reference\"><a href=\"#fn-1\" id=\"fnref-1\">1</a></sup>"),
        "{page}"
    );
    assert!(page.contains("id=\"fnref-1-2\""), "{page}");
    let notes = &page[page.find("<section").unwrap()..];
    assert!(notes.find("first").unwrap() < notes.find("second").unwrap(), "{notes}");
    assert!(
        notes.contains("<a href=\"#fnref-2\" class=\"footnote-back\" aria-label=\"Back to the text\">↩</a></p>"),
        "{notes}"
    );
    assert!(page.find("end").unwrap() < page.find("<section").unwrap());
}

#[test]
fn code_keeps_its_language_and_nothing_else() {
    assert_eq!(
        html("```rust ignore\n<b>[[pdca]]\n```").trim(),
        "<pre tabindex=\"0\"><code class=\"language-rust\">&lt;b&gt;[[pdca]]\n</code></pre>"
    );
    assert!(html("```a\"b\nx\n```").contains("<code>x"));
}

#[test]
fn only_links_that_leave_the_server_say_so() {
    let rel = "rel=\"noopener noreferrer nofollow\"";
    for body in [
        "[x](https://a.org)",
        "<https://a.org>",
        "[x](//a.org)",
        "<a href='https://a.org'>x</a>",
        "<a href='&#47;/a.org'>x</a>",
        "<a@b.org>",
    ] {
        assert!(html(body).contains(rel), "{body:?}");
    }
    for body in ["[x](/a)", "[x](../b.md)", "[x](#y)", "[[pdca]]", "<a href='/a'>x</a>"] {
        assert!(!html(body).contains("rel="), "{body:?}");
    }
}

#[test]
fn pictures_of_this_server_are_shown_and_others_are_links() {
    assert_eq!(
        paragraph("![a *b* \"c\"](x.png 'T')"),
        "<img src=\"x.png\" alt=\"a b &quot;c&quot;\" title=\"T\" loading=\"lazy\">"
    );
    assert_eq!(paragraph("![a](data:image/png;base64,x)"), "a");
    let link =
        |url: &str, text: &str| format!("<a class=\"remote-picture\" href=\"{url}\" rel=\"noopener noreferrer nofollow\">{text}</a>");
    for url in ["https://x/y", "//x/y", "HTTP://x/y"] {
        assert_eq!(paragraph(&format!("![a ![b](c) d]({url})")), link(url, "a b d"));
        assert_eq!(paragraph(&format!("![]({url})")), link(url, "y"));
        assert_eq!(paragraph(&format!("x <img src='{url}' width=3>")), format!("x {}", link(url, "y")));
    }
    assert_eq!(
        paragraph("x <img src='https://x/' alt='a &amp; b'>"),
        format!("x {}", link("https://x/", "a &amp; b"))
    );
    // A badge that is a link already leads where its author said.
    let badge = "<a href=\"https://ci/\" rel=\"noopener noreferrer nofollow\">passing</a>";
    assert_eq!(paragraph("[![passing](https://x/y.svg)](https://ci/)"), badge);
    assert_eq!(paragraph("[<img src=https://x/y.svg alt=passing>](https://ci/)"), badge);
    assert_eq!(
        paragraph("a <a href=https://ci/><img src=https://x/y.svg alt=passing></a>"),
        format!("a {badge}")
    );
    for hidden in ["&#104;ttps://x/y", "/&#47;x/y", "/\t/x/y", "\\\\x/y"] {
        let html = html(&format!("<img src=\"{hidden}\">"));
        assert!(!html.contains("<img src=\"h") && !html.contains("<img src=\"/"), "{html}");
    }
    assert!(paragraph("![[pdca]]").starts_with(THERE));
}

#[test]
fn harmless_html_of_the_author_stays() {
    let page = html(
        "<details open>\n<summary>More <b>here</summary>\n\nText *x*\n\n</details>\n\nPress <kbd>Esc</kbd>, H<sub>2</sub>O, Vec<T> &copy;",
    );
    assert!(
        page.contains("<details open=\"\">\n<summary>More <b>here</b></summary>\n<p>Text <em>x</em></p>\n</details>"),
        "{page}"
    );
    assert!(page.contains("Press <kbd>Esc</kbd>, H<sub>2</sub>O, Vec&lt;T&gt; ©"), "{page}");
}

#[test]
fn what_html_leaves_open_does_not_spill() {
    let page = html("a <b>b\n\nc <div>d</div>\n\n> <div>\n> e\n\nf");
    assert!(page.contains("<p>a <b>b</b></p>\n<p>c d</p>"), "{page}");
    assert!(
        page.contains("</div></blockquote>\n<p>f</p>") || page.contains("</div>\n</blockquote>\n<p>f</p>"),
        "{page}"
    );
}

#[test]
fn markdown_within_cells_of_an_html_table_is_read() {
    let page = html("<table>\n<tr>\n<td>\n\n*a*\n\n</td>\n\n<td>\n\nb\n\n</td>\n</tr>\n</table>");
    assert!(page.contains("<em>a</em>") && page.matches("<td>").count() == 2, "{page}");
}

/// A mebibyte of what parsers fear. In a release build each takes well under a second.
#[test]
fn a_mebibyte_of_nonsense_is_rendered() {
    let size = if cfg!(debug_assertions) { 64 * 1024 } else { 1024 * 1024 };
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let stairs = |mark: &str| {
        (0..)
            .scan(0, |used, n| {
                let line = format!("{}{mark} x\n", "  ".repeat(n));
                *used += line.len();
                (*used < size).then_some(line)
            })
            .collect::<String>()
    };
    let mut bodies: Vec<(String, String)> = [
        "[",
        "[[",
        "![[",
        "]",
        "]]",
        "[[a",
        "[[a|",
        "[[a]]",
        "[[[a]]",
        "[a](",
        "[a][",
        "![",
        "<",
        "<<",
        "<a ",
        "<!--",
        "<?",
        "<![CDATA[",
        "</",
        "*a **a ",
        "*a",
        "_a ",
        "**",
        "~~a",
        "~",
        "`",
        "``a`",
        "> ",
        ">",
        "- ",
        "1. ",
        "* a\n",
        "# a\n",
        "|",
        "|a",
        "| a |\n|---|\n",
        "a\n",
        "\n",
        "&",
        "&#x",
        "\\",
        "\0",
        "[^a]",
        "[^a]: [^a]\n",
        "[a]: b\n",
        "<b>",
        "<div>",
        "<div>\n\n",
        "<p>",
        "<table>",
        "<table><td>",
        "<a href=x>",
        "<i title=a>",
        "<svg>",
        "<math><mi>",
        "<script>",
        "<b a=1 ",
        "<!--a-->",
        "- [ ] ",
        "  ",
        "\t",
        "[[a#b|c]]",
        "<x>",
        "[x](#y)\n",
        "![a",
        "'\"",
        "é",
        "---\n",
        "***a*",
        "a*_",
        "> - ",
        "<details>\n\n",
        "<table><tr>\n\na\n\n",
        "<p><b>\n",
        "</p>x",
        "<li>",
        "<ul><li>",
        "[a]:<",
        "[\\",
        "$",
        "{#a}",
        "[[a]b",
        "[[a|![",
        "[[a|[b](c)]]",
        "<a\n",
    ]
    .iter()
    .map(|unit| ((*unit).to_owned(), fill(unit)))
    .collect();
    bodies.push(("stairs -".into(), stairs("-")));
    bodies.push(("stairs >".into(), stairs(">")));
    bodies.push((
        "quote then lazy".into(),
        format!("{}\n{}", "> ".repeat(size / 4), "a\n".repeat(size / 4)),
    ));
    bodies.push((
        "b then paragraphs".into(),
        format!("{}\n\n{}", "<b title=1>".repeat(size / 22), "a\n\n".repeat(size / 6)),
    ));
    bodies.push((
        "bold p".into(),
        format!("<div>{}{}", "<p><b title=1>".repeat(size / 28), "<p>a".repeat(size / 8)),
    ));
    bodies.push(("foster".into(), format!("<table>{}", "x<b>y</b>".repeat(size / 9))));
    bodies.push(("emphasis".into(), format!("{}a{}", "*a ".repeat(size / 6), "*".repeat(size / 2))));
    bodies.push((
        "nested emphasis".into(),
        format!("{}x{}", "**a ".repeat(size / 8), " a**".repeat(size / 8)),
    ));
    bodies.push((
        "wide table".into(),
        format!("|{}\n|{}\n{}", "a|".repeat(1000), "-|".repeat(1000), "|\n".repeat(size / 8)),
    ));
    bodies.push((
        "attributes".into(),
        format!("<b {}>", (0..size / 8).map(|n| format!("a{n} ")).collect::<String>()),
    ));
    for (name, body) in &bodies {
        let started = std::time::Instant::now();
        let rendered = render(body, &kb(), "", &known);
        let links = crate::markdown::links(body, &kb()).len();
        if std::env::var_os("SHOW_TIMES").is_some() && started.elapsed().as_millis() > 100 {
            eprintln!(
                "{:>6} ms {:>9} bytes {links:>7} links {name:?}",
                started.elapsed().as_millis(),
                rendered.html.len()
            );
        }
        assert!(rendered.html.len() < 64 * size, "{name:?} grows to {} bytes", rendered.html.len());
    }
}

proptest! {
    #[test]
    fn whatever_the_text_it_is_rendered_and_stays_what_it_is(
        body in r"(\[\[|\]\]|pdca|[\[\]|#:!\\>`*_~&;<a-c \n\t-]|</?(b|p|a href=x|table|td|div|x|svg|script)>|\[\^a\](: )?|\||\|\n|---\n|\PC){0,150}",
    ) {
        let rendered = render(&body, &kb(), "", &known);
        // What is clean stays as it is: a browser that reads it again sees the same page.
        prop_assert_eq!(&sanitise(&rendered.html), &rendered.html);
        for heading in &rendered.outline {
            let id = format!("id=\"{}\"", heading.anchor);
            prop_assert_eq!(rendered.html.matches(&id).count(), 1);
        }
        // The links table and the page agree.
        let shown = rendered.html.matches("class=\"wikilink").count();
        prop_assert_eq!(shown, crate::markdown::links(&body, &kb()).len());
    }
}

#[test]
fn what_becomes_too_much_is_cut_and_says_so() {
    let body = "[[a]]".repeat(200_000);
    let rendered = render(&body, &KbName::parse("notes").unwrap(), "", &|_| None);
    assert!(rendered.html.len() < HTML_BYTES * 3 / 2, "{}", rendered.html.len());
    assert!(rendered.html.ends_with(CUT));
    let many = render(&"# a\n\n".repeat(5_000), &KbName::parse("notes").unwrap(), "", &|_| None);
    assert_eq!(many.outline.len(), 1_000);
    assert!(many.html.contains("id=\"h-a-5000\""));
}
