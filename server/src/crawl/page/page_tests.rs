//! Pages as generators write them, and what is made of them.

use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn url() -> Url {
    Url::parse("https://e.org/docs/page.html").unwrap()
}

fn read(html: &str) -> Page {
    Page::read(html.as_bytes(), Some("text/html; charset=utf-8"), &url())
}

/// The markdown of something that is known to be the content.
fn md(html: &str) -> String {
    read(&format!("<title>T</title><body><main class=markdown-body>{html}</main>")).markdown
}

#[test]
fn code_keeps_its_language_and_its_whitespace() {
    for (html, markdown) in [
        (
            "<pre><code class='language-rust ignore'>fn a() {\n\n    b\t();  \n}\n</code></pre>",
            "```rust\nfn a() {\n\n    b\t();  \n}\n```",
        ),
        (
            "<div class='highlight-python notranslate'><div class=highlight><pre><span></span><span>x</span> = 1\n</pre></div></div>",
            "```python\nx = 1\n```",
        ),
        (
            "<div class='language-js highlight'><pre><code>a\n</code></pre></div>",
            "```js\na\n```",
        ),
        ("<pre class='rust rust-example-rendered'><code>a</code></pre>", "```rust\na\n```"),
        (
            "<div class='highlight highlight-source-shell'><pre>a</pre></div>",
            "```shell\na\n```",
        ),
        ("<pre><code class='hljs JavaScript'>a</code></pre>", "```javascript\na\n```"),
        ("<pre lang=x data-lang='c++'>a</pre>", "```c++\na\n```"),
        ("<pre class='brush: php; toolbar: false'>a</pre>", "```php\na\n```"),
        (
            "<pre class='rust item-decl'><code>fn f() -&gt; usize<div class=where>where\n    T: A,</div></code></pre>",
            "```rust\nfn f() -> usize\nwhere\n    T: A,\n```",
        ),
        (
            "<pre><code><div class=line>a</div><div class=line>b\n</div><div>c</div> d</code></pre>",
            "```\na\nb\nc\n d\n```",
        ),
        (
            "<h4 class=code-header>impl&lt;T&gt; Any for T<div class=where>where T: A,</div></h4>",
            "#### `impl<T> Any for T where T: A,`",
        ),
        ("<pre>a<br>b ``` c</pre>", "````\na\nb ``` c\n````"),
        ("<div class=highlight-default><pre>a</pre></div>", "```\na\n```"),
        (
            "<pre class=playground><div class=buttons><button>Run</button></div><code class='language-rust'><span class=boring>fn main() {\n</span>a();\n<span class=boring>}</span></code></pre>",
            "```rust\na();\n```",
        ),
        (
            "<table class=highlighttable><tr><td class=linenos><pre>1\n2</pre></td><td class=code><pre>a\nb</pre></td></tr></table>",
            "```\na\nb\n```",
        ),
    ] {
        assert_eq!(md(html), markdown, "{html}");
    }
}

#[test]
fn tables_lists_quotes_and_terms_keep_their_form() {
    for (html, markdown) in [
        (
            "<table><thead><tr><th>A<th>B</thead><tr><td><code>a|b</code><td>c<br>d<p>e<tr><td colspan=2>f</table>",
            "| A | B |\n| --- | --- |\n| `a\\|b` | c d e |\n| f |  |",
        ),
        ("<table><tr><td>a<td>b</table>", "|  |  |\n| --- | --- |\n| a | b |"),
        (
            "<table><tr><td><table><tr><td>a<td>b</table></table>",
            "|  |  |\n| --- | --- |\n| a | b |",
        ),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"),
        (
            "<ol start=9><li>a<li><p>b<pre>c</pre></ol>",
            "9. a\n\n10. b\n\n    ```\n    c\n    ```",
        ),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
        (
            "<ul><li><input type=checkbox checked> a<li><input type=checkbox>b</ul>",
            "- [x] a\n- [ ] b",
        ),
        ("<blockquote><p>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        (
            "<div class='admonition note'><p class=admonition-title>Note<p>a</div>",
            "> **Note**\n>\n> a",
        ),
        (
            "<dl><dt>a<dd>b<dt>c<dt>d<dd><p>e<p>f</dl>",
            "- **a** — b\n\n- **c**, **d**\n\n  e\n\n  f",
        ),
        ("<details><summary>a</summary>b</details>", "**a**\n\nb"),
        (
            "<figure><img src=i.png alt='a [b]'><figcaption>c</figcaption></figure>",
            "![a \\[b\\]](https://e.org/docs/i.png)\n\nc",
        ),
        ("a<hr>b", "a\n\n---\n\nb"),
    ] {
        assert_eq!(md(html), markdown, "{html}");
    }
}

#[test]
fn headings_are_free_of_anchors() {
    for html in [
        "<h2 id=a><a class=header href='#a'>A <code>b</code></a></h2>",
        "<h2>A <code>b</code><a class=headerlink href='#a'>¶</a></h2>",
        "<h2><a class='doc-anchor' href='#a'>§</a>A <code>b</code></h2>",
        "<h2>A\n<code>b</code> <a href='#a'>#</a></h2>",
    ] {
        assert_eq!(md(html), "## A `b`", "{html}");
    }
}

#[test]
fn text_stays_text() {
    for (html, markdown) in [
        (
            "*a* _b_ c_d [e] `f` &lt;b&gt; &amp;lt; ~~g~~ a\\b",
            "\\*a\\* \\_b\\_ c_d \\[e\\] \\`f\\` \\<b> \\&lt; \\~\\~g\\~\\~ a\\\\b",
        ),
        (
            "<p>1. a<p># b<p>- c<p>&gt; d<p>+ e<p>12) f<p>#g",
            "1\\. a\n\n\\# b\n\n\\- c\n\n\\> d\n\n\\+ e\n\n12\\) f\n\n#g",
        ),
        ("a<br>=== <br>b<br>", "a\\\n===\\\nb"),
        (
            "2<sup>8</sup> H<sub>2</sub>O x<sup>n − 1</sup> 1<sup>st</sup> y<sup><a href=#f>1</a></sup>",
            "2^8 H2O x^(n − 1) 1st y\\[[1](https://e.org/docs/page.html#f)\\]",
        ),
        (
            "a <b> b </b>c <i></i><em>d</em>e <strong>f<b>g</b></strong>",
            "a **b** c *d*e **fg**",
        ),
        ("<b>a:</b>b <b>c</b><b>d</b>", "a:b **cd**"),
        ("*<em>a</em> <b>b</b><em>c</em>", "\\**a* **b***c*"),
        ("hi!<a href=x>y</a>", "hi\\![y](https://e.org/docs/x)"),
        ("<code>`a` |</code> <kbd>b</kbd><code> </code>", "`` `a` | `` `b`"),
        (
            "<a href='javascript:x()'>a</a> <a href=b></a><a href='/c(d)'>e</a>",
            "a [e](<https://e.org/c(d)>)",
        ),
        (
            "<code><a href=b>c</a></code> <a href=d><div>e</div><p>f</p></a>",
            "[`c`](https://e.org/docs/b) [e f](https://e.org/docs/d)",
        ),
        (
            "a <span class=mwe-math-element><span style='display: none'><math><semantics><mi>x</mi><annotation encoding='application/x-tex'>{\\displaystyle x_1}</annotation></semantics></math></span><img src=x aria-hidden=true></span> b",
            "a `x_1` b",
        ),
        ("a\u{a0}b\n  c", "a\u{a0}b c"),
        (
            "<img src='data:image/gif;base64,xx' data-src='/i.png'><img src='data:x'>",
            "![](https://e.org/i.png)",
        ),
    ] {
        assert_eq!(md(html), markdown, "{html}");
    }
}

#[test]
fn a_title_is_free_of_the_site() {
    for (html, title) in [
        (
            "<title>Hello, World! - The Rust Programming Language</title><main><h1>Hello, World!</h1>a</main>",
            "Hello, World!",
        ),
        (
            "<title>Book | Chapter</title><h1 class=menu-title>Book</h1><main><h2>Chapter</h2>a</main>",
            "Chapter",
        ),
        (
            "<title>Option in std - Rust</title><body class=rustdoc><section id=main-content><h1>Enum Option</h1></section>",
            "Option in std",
        ),
        (
            "<meta property=og:title content='A — B'><meta property=og:site_name content=B><main>c</main>",
            "A",
        ),
        ("<title> A\n - B </title>", "A - B"),
        ("<h1>A <i>b</i></h1><p>c", "A b"),
        ("<p>a", "page.html"),
    ] {
        assert_eq!(read(html).title, title, "{html}");
    }
}

#[test]
fn links_are_absolute_and_followed_only_where_that_is_allowed() {
    let page = read(
        "<base href='/b/'><meta http-equiv=Refresh content='0; URL=r'><link rel=canonical href='https://e.org/docs/page'><a href='c#d'>1</a><a href='c'>2</a><a href='//f.org/?utm_source=x'>3</a>
         <a rel='external NOFOLLOW' href=no>4</a><a href='mailto:a@b'>5</a><a href='http://['>6</a><map><area href=h></map><a href=z download>7</a>",
    );
    let links: Vec<_> = page.links.iter().map(Url::as_str).collect();
    assert_eq!(
        links,
        ["https://e.org/b/r", "https://e.org/b/c", "https://f.org/", "https://e.org/b/h"]
    );
    assert_eq!(page.canonical.unwrap().as_str(), "https://e.org/docs/page");
    assert!(!page.is_noindex);
    assert!(page.markdown.contains("[1](https://e.org/b/c#d)"), "{}", page.markdown);
}

#[test]
fn a_page_may_want_to_be_left_out() {
    let page = read("<META NAME=Robots CONTENT='NOINDEX, nofollow'><link rel=canonical href='https://f.org/'><a href=a>b</a>");
    assert!(page.is_noindex && page.links.is_empty() && page.canonical.is_none());
    assert!(read("<meta name=robots content=none>").is_noindex);
}

#[test]
fn what_is_around_the_content_is_left_out() {
    let text = "Long enough to be read as an article, with commas, and more than one sentence. ".repeat(8);
    let page = read(&format!(
        "<title>A</title><body><header><a href=/>Home</a></header><nav>menu</nav><div class=post><h1>A</h1><p>{text}</p><p>{text}</p></div>
         <aside>advert</aside><footer>imprint</footer><script>x()</script>"
    ));
    assert!(page.markdown.contains("Long enough"), "{}", page.markdown);
    for other in ["Home", "menu", "advert", "imprint", "x()"] {
        assert!(!page.markdown.contains(other), "{other}: {}", page.markdown);
    }
}

#[test]
fn text_and_markdown_stay_as_they_are() {
    let source = "intro\n\n# The *title* `x`\n\n[a](b.md) [a](b.md#c) `[d](e)`\n";
    let page = Page::read(source.as_bytes(), Some("text/markdown; charset=utf-8"), &url());
    assert_eq!((page.title.as_str(), page.markdown.as_str()), ("The title x", source));
    assert_eq!(page.links.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://e.org/docs/b.md"]);
    assert_eq!(Page::read(b"a", Some("text/plain"), &url()).title, "page.html");
    assert_eq!(Page::read(b"", None, &Url::parse("https://e.org/").unwrap()).title, "e.org");
}

#[test]
fn pages_of_generators_come_out_as_they_were_written() {
    let sphinx = r##"<title>json — JSON &#8212; Python 3 documentation</title><div class="related" role="navigation"><a href="x">next</a></div>
        <div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main"><section id="json">
        <h1><a class="reference" href="#json"><code class="xref">json</code></a> — JSON<a class="headerlink" href="#json" title="Link">¶</a></h1>
        <div class="admonition warning"><p class="admonition-title">Warning</p><p>Be cautious.</p></div>
        <div class="highlight-python3 notranslate"><div class="highlight"><pre><span></span><span class="gp">&gt;&gt;&gt; </span><span class="kn">import</span> json
<span class="gp">... </span>x
</pre></div></div>
        <dl class="py function"><dt class="sig sig-object py" id="json.dump"><span class="sig-prename">json.</span><span class="sig-name">dump</span><span class="sig-paren">(</span><em>obj</em>, <em>*</em><span class="sig-paren">)</span><a class="headerlink" href="#json.dump">¶</a></dt>
        <dd><p>Serialize <em>obj</em>.</p><dl class="field-list simple"><dt class="field-odd">Parameters<span class="colon">:</span></dt><dd class="field-odd"><ul class="simple"><li><p><strong>obj</strong> – the object</p></li></ul></dd></dl></dd></dl>
        </section></div></div></div><div class="sphinxsidebar" role="navigation"><h3>Table of Contents</h3></div>"##;
    let page = read(sphinx);
    assert_eq!(page.title, "json — JSON");
    assert_eq!(
        page.markdown,
        "# `json` — JSON\n\n> **Warning**\n>\n> Be cautious.\n\n```python3\n>>> import json\n... x\n```\n\n- `json.dump(obj, *)`\n\n  Serialize *obj*.\n\n  - **Parameters:**\n    - **obj** – the object"
    );
    let mkdocs = r##"<title>Setup - My Docs</title><header class="md-header"><a href=".">My Docs</a></header><div class="md-content"><article class="md-content__inner md-typeset">
        <a href="edit" title="Edit this page" class="md-content__button md-icon"><svg></svg></a><h1 id="setup">Setup<a class="headerlink" href="#setup">&para;</a></h1>
        <div class="admonition tip"><p class="admonition-title">Tip</p><p>Do it.</p></div>
        <div class="language-yaml highlight"><span class="filename">a.yml</span><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre><span></span>1</pre></div></td><td class="code"><div><pre><span></span><code><a id="l1" href="#l1"></a><span class="nt">a</span>:
<a id="l2" href="#l2"></a>  - b
</code></pre></div></td></tr></table></div>
        <aside class="md-source-file">Last update</aside></article></div>"##;
    let page = read(mkdocs);
    assert_eq!(page.title, "Setup");
    assert_eq!(
        page.markdown,
        "# Setup\n\n> **Tip**\n>\n> Do it.\n\na.yml\n\n```yaml\na:\n  - b\n```"
    );
    let rustdoc = r##"<title>Foo in bar - Rust</title><body class="rustdoc struct"><nav class="sidebar"><h2>Foo</h2></nav><main><section id="main-content" class="content"><div class="main-heading"><div class="rustdoc-breadcrumbs"><a href="index.html">bar</a></div><h1>Struct <span class="struct">Foo</span>&nbsp;<button id="copy-path">Copy item path</button></h1><rustdoc-toolbar></rustdoc-toolbar><span class="sub-heading"><a class="src" href="../src/x.html">Source</a> </span></div>
        <pre class="rust item-decl"><code>pub struct Foo&lt;T&gt; {
    pub a: <a class="primitive" href="x">T</a>,
}</code></pre><h2 id="fields" class="fields section-header">Fields<a href="#fields" class="anchor">§</a></h2><span id="structfield.a" class="structfield section-header"><a href="#structfield.a" class="anchor field">§</a><code>a: T</code></span><div class="docblock"><p>An a.</p></div>
        <div id="implementations-list"><details class="toggle implementors-toggle" open><summary><section id="impl-Foo" class="impl"><a href="#impl-Foo" class="anchor">§</a><h3 class="code-header">impl&lt;T&gt; <a class="struct" href="x">Foo</a>&lt;T&gt;</h3></section></summary><div class="impl-items"><details class="toggle method-toggle" open><summary><section id="method.new" class="method"><span class="rightside"><span class="since">1.0.0</span></span><h4 class="code-header">pub fn <a href="#method.new" class="fn">new</a>() -&gt; Self</h4></section></summary><div class="docblock"><p>Makes one.</p><div class="example-wrap"><pre class="rust rust-example-rendered"><code>Foo::new();</code></pre></div></div></details></div></details></div></section></main>"##;
    let page = read(rustdoc);
    assert_eq!(page.title, "Foo in bar");
    assert_eq!(
        page.markdown,
        "# Struct Foo\n\n```rust\npub struct Foo<T> {\n    pub a: T,\n}\n```\n\n## Fields\n\n`a: T`\n\nAn a.\n\n### `impl<T> Foo<T>`\n\n#### `pub fn new() -> Self`\n\nMakes one.\n\n```rust\nFoo::new();\n```"
    );
}

/// Bounds are wide, as tests run beside others; without them these pages take minutes, or end the process.
#[test]
fn hostile_pages_are_read_in_bounded_time_and_depth() {
    let most = 5 * 1024 * 1024;
    let fill = |piece: &str| piece.repeat(most / 20 / piece.len());
    let numbered = |make: fn(usize) -> String| (0..20_000).map(make).collect::<String>();
    for (name, html) in [
        ("divs", "<div>".repeat(most / 5)),
        ("closed divs", format!("{}x{}", "<div>".repeat(100_000), "</div>".repeat(100_000))),
        ("spans", fill("<span>")),
        ("formatting", numbered(|n| format!("<b id={n}>"))),
        (
            "paragraphs of formatting",
            format!("<p>{}", "<b a><i a><u a><b b><i b><u b></p><p>x".repeat(2_000)),
        ),
        ("lists", format!("<main>{}x", "<ul><li>".repeat(100_000))),
        ("quotes", format!("<main>{}x", "<blockquote>".repeat(100_000))),
        ("tables", fill("<table><tr><td>")),
        ("foreign", fill("<svg><g><td>")),
        (
            "attributes",
            format!("<a {}>", (0..20_000).map(|n| format!("a{n} ")).collect::<String>()),
        ),
        ("breaks", format!("<main>{}", "<br>x".repeat(30_000))),
        ("one line", format!("<p>{}", fill("[*_`<"))),
        ("open tag", format!("<a href=\"{}", fill("a"))),
        ("templates", fill("<template>")),
        ("selects", fill("<select><option>")),
    ] {
        let begun = Instant::now();
        let page = read(&html);
        let took = begun.elapsed();
        println!("{name}: {took:?}, {} bytes", page.markdown.len());
        assert!(took < Duration::from_secs(60), "{name} took {took:?}");
        assert!(page.markdown.len() < 4 * most, "{name}");
    }
}

proptest! {
    #[test]
    fn any_page_is_read(
        html in "(<(/)?(main|div|p|a href=/x|table|tr|td|th|ul|ol|li|pre|code|b|i|em|dl|dt|dd|h1|br|svg|math|template|select|base href=y|title|body|sup|img src=z)( class=note)?>|[a-z*_`\\[\\]()|#.&;<-]{1,3}| |\n|1\\. |\\PC){0,60}",
    ) {
        let page = read(&html);
        prop_assert!(!page.title.is_empty());
        super::super::relink(&page.markdown, |_| Some("z".to_owned()));
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), claimed in "text/(html|plain|markdown)(; charset=(utf-8|utf-16|gbk|x))?") {
        prop_assert!(!Page::read(&bytes, Some(&claimed), &url()).title.is_empty());
        prop_assert!(!Page::read(&bytes, None, &url()).title.is_empty());
    }

    #[test]
    fn plain_text_comes_back_as_it_was(text in "[a-c*_`\\[\\]()|#.&;<>~!=+1 -]{1,20}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let markdown = md(&format!("<p>{escaped}</p>"));
        let mut shown = String::new();
        let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH | pulldown_cmark::Options::ENABLE_TASKLISTS;
        for event in pulldown_cmark::Parser::new_ext(&markdown, options) {
            match event {
                pulldown_cmark::Event::Text(text) => shown.push_str(&text),
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::Paragraph) | pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Paragraph) => {}
                other => prop_assert!(false, "{:?} in {:?}", other, markdown),
            }
        }
        prop_assert_eq!(shown, one_line(&text));
    }
}
