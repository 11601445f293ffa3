//! Attacks, and that none of them leaves anything active on a page.
//!
//! The page is read again with a reader of HTML that is not the sanitiser's, and each element, attribute and URL is
//! compared with the lists; nothing is searched for by its spelling.

use super::raw_html::{Piece, pieces};
use super::render;
use super::sanitise::{ATTRIBUTES, ELEMENTS, SCHEMES, sanitise};
use app::protocol::entry::{EntryRef, LinkTarget};
use app::protocol::{EntryId, KbName};
use proptest::prelude::*;

const ATTACKS: &[&str] = &[
    // Scripts and handlers.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "a <script>alert(1)</script> b",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<img src=x onerror\u{b}=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<b onmouseover=alert(1)>x</b>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<input autofocus onfocus=alert(1)>",
    "<input type=image src=x formaction=javascript:alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex action=javascript:alert(1) type=image>",
    "<base href=javascript:/a/-alert(1)//>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p style=position:fixed;inset:0>x</p>",
    // URLs.
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61;vascript:alert(1))",
    "[x](\u{1}javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a/b)",
    "<javascript:alert(1)>",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![\"><script>alert(1)</script>](x)",
    "![x](\"onerror=\"alert(1))",
    "[x](https://a.example/\"onmouseover=\"alert(1))",
    "[x](/a '\"onmouseover=\"alert(1)')",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href=' javascript&#58;alert(1)'>x</a>",
    "<a href=x target=_blank ping=//evil download>x</a>",
    "<a xlink:href=javascript:alert(1)>x</a>",
    "<img srcset='x 1x, javascript:alert(1) 2x' src=y>",
    "<blockquote cite=javascript:alert(1)>x</blockquote>",
    // Foreign elements and text that changes its meaning when it is read again.
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text y=9>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">",
    "<math><annotation-xml encoding=\"text/html\"><style><img src onerror=alert(1)></style></annotation-xml></math>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noembed><img title=\"</noembed><img src=x onerror=alert(1)>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<title><img title=\"</title><img src=x onerror=alert(1)>\">",
    "<xmp><img title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><option><img src=x onerror=alert(1)></select>",
    "<select><selectedcontent><img src=x onerror=alert(1)>",
    "<table><td><svg><desc><td></desc><style><a title=\"</style><img src onerror=alert(1)>\">",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?xml ?><img src=x onerror=alert(1)>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "<x-widget onclick=alert(1) is=x>x</x-widget>",
    "<div title='`'>``</div onclick=alert(1)>",
    "<p title='&quot;><img src=x onerror=alert(1)>'>",
    "<p title=\"'><img src=x onerror=alert(1)>\">",
    "<b title=`<img src=x onerror=alert(1)>`>",
    "<img alt=\"<x\" title=\"/><img src=x onerror=alert(1)>\">",
    "\0<img\0 src=x one\0rror=alert(1)>",
    "<a href=\"//evil.example\">x<a href=\"javascript:alert(1)\">y</a></a>",
    // Names that a page could mistake for its own.
    "<p id=app class=wikilink data-kb=x name=body>x</p>",
    "<a id=h-x name=getElementById class='wikilink wanted' data-entry=y href=/>x</a>",
    "<img name=cookie src=x><form id=document></form>",
    // Wikilinks.
    "[[\"onmouseover=\"alert(1)]]",
    "[[x|<img src=x onerror=alert(1)>]]",
    "[[x|\"><script>alert(1)</script>]]",
    "[[javascript:alert(1)]]",
    "[[javascript:alert(1)|x]]",
    "[[data:text/html,<script>alert(1)</script>]]",
    "[[x#\"onclick=\"alert(1)]]",
    "[[x#' onclick='alert(1)|y]]",
    "[[<script>alert(1)</script>]]",
    "[[x\"]]'>[[y<svg onload=alert(1)>]]",
    "[[https://evil.example/]]",
    "[[..//../logout]]",
    "![[x|\" onerror=\"alert(1)]]",
    "[[x|[y](javascript:alert(1))]]",
    "| a |\n|---|\n| [[x\\|\"><img src=x onerror=alert(1)>]] |",
    // Headings, footnotes, code.
    "# <img src=x onerror=alert(1)>\n\n[[x]]",
    "# \"><script>alert(1)</script>",
    "## [x](javascript:alert(1)) {#id onclick=alert(1)}",
    "[^\"onclick=\"alert(1)]\n\n[^\"onclick=\"alert(1)]: <svg onload=alert(1)>",
    "```\"onclick=\"alert(1)\nx\n```",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "- [x] <input type=text onfocus=alert(1) autofocus>",
    "a | b\n:-|-\n<script>alert(1)</script> | <td onclick=alert(1)>",
    "<a@b.example\"onclick=alert(1)>",
    "<https://a.example/\"onclick=\"alert(1)>",
    "*<b title='*' onclick=alert(1)>*'>x",
    "<div\n\nonclick=alert(1)>x",
    "<img src=\"x\"\n\nonerror=\"alert(1)\">",
    "> <div title=\"\n> <img src=x onerror=alert(1)>\n\n\">",
];

fn hostile_title(target: &LinkTarget) -> Option<EntryRef> {
    target.entry_id.as_str().starts_with('x').then(|| EntryRef {
        kb_name: target.kb_name.clone(),
        entry_id: EntryId::parse("x").unwrap(),
        title: "\"><script>alert(1)</script><img src=x onerror='alert(1)'>".to_owned(),
    })
}

fn page(body: &str) -> String {
    render(body, &KbName::parse("notes").unwrap(), "", &hostile_title).html
}

/// Says what in a page is not on the lists.
fn active(html: &str) -> Option<String> {
    for piece in pieces(html) {
        let Piece::Open { name, attributes } = piece else { continue };
        if !ELEMENTS.contains(&name.as_str()) {
            return Some(format!("element {name}"));
        }
        let own = ATTRIBUTES
            .iter()
            .find(|(element, _)| *element == name)
            .map_or(&[][..], |(_, own)| own);
        for (attribute, value) in attributes {
            if !own.contains(&attribute.as_str()) && !["title", "lang", "dir"].contains(&attribute.as_str()) {
                return Some(format!("attribute {attribute} of {name}"));
            }
            if matches!(attribute.as_str(), "href" | "src") && !has_harmless_scheme(value) {
                return Some(format!("URL {value}"));
            }
            if attribute == "id" && !["h-", "fn-", "fnref-"].iter().any(|prefix| value.starts_with(prefix)) {
                return Some(format!("id {value}"));
            }
        }
    }
    // The reader skips these, as it does in an author's HTML; a page holds none.
    ["<script", "<style", "<!", "<?"]
        .iter()
        .find(|start| html.contains(*start))
        .map(|start| (*start).to_owned())
}

/// Reads the scheme as a browser does: entities resolved, control characters and white space left out.
fn has_harmless_scheme(value: &str) -> bool {
    let url = value
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let url: String = url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    match url.split_once(':') {
        // What is not spelled like a scheme is a path.
        Some((scheme, _)) if is_scheme(scheme) => SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()),
        _ => true,
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[test]
fn no_attack_leaves_anything_active() {
    assert!(ATTACKS.len() >= 100);
    for attack in ATTACKS {
        for body in [
            (*attack).to_owned(),
            format!("x {attack} y"),
            format!("> - {attack}"),
            format!("<div>\n{attack}\n</div>"),
            format!("# {attack}"),
        ] {
            let html = page(&body);
            assert_eq!(active(&html), None, "{body:?} became {html:?}");
            assert_eq!(sanitise(&html), html, "{body:?} reads otherwise the second time");
        }
    }
}

#[test]
fn attacks_have_no_effect_on_each_other() {
    let html = page(&ATTACKS.join("\n\n"));
    assert_eq!(active(&html), None, "{html}");
    let html = page(&ATTACKS.join(" "));
    assert_eq!(active(&html), None, "{html}");
}

#[test]
fn the_sanitiser_alone_stops_them_too() {
    for attack in ATTACKS {
        let html = sanitise(attack);
        assert_eq!(active(&html), None, "{attack:?} became {html:?}");
    }
}

#[test]
fn the_test_itself_sees_what_is_active() {
    for html in [
        "<img src=x onerror=alert(1)>",
        "<a href='java\tscript:x'>",
        "<a href='JAVASCRIPT:x'>",
        "<iframe>",
        "<p style=x>",
        "<script>",
        "<h1 id=app>",
        "<img src='data:x'>",
    ] {
        assert!(active(html).is_some(), "{html:?}");
    }
}

#[test]
fn an_author_cannot_write_what_only_tidings_writes() {
    for body in [
        "<a id=h-x class='wikilink' data-kb=a data-entry=b href=/>x</a>",
        "<div class=table-scroll tabindex=0 role=region>x</div>",
        "<section class=footnotes aria-label=x id=fn-1>x</section>",
        "<input type=checkbox>",
    ] {
        let html = page(body);
        for own in ["id=", "class=", "data-", "tabindex", "role", "aria", "<input"] {
            assert!(!html.contains(own), "{body:?} became {html:?}");
        }
    }
}

proptest! {
    #[test]
    fn pieces_of_attacks_in_any_order_leave_nothing_active(parts in proptest::collection::vec((0..ATTACKS.len(), 0_usize..60, 0_usize..60), 1..6)) {
        let body: String = parts
            .into_iter()
            .map(|(index, from, length)| ATTACKS[index].chars().skip(from % 20).take(length).collect::<String>())
            .collect();
        let html = page(&body);
        prop_assert_eq!(active(&html), None, "{:?} became {:?}", body, html);
        prop_assert_eq!(&sanitise(&html), &html);
    }
}
