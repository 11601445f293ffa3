//! What a site lists itself: the files' forms. Sitemaps (sitemaps.org, as XML or a URL a line) and `llms.txt` (llmstxt.org).

use flate2::read::MultiGzDecoder;
use pulldown_cmark::{Event, Parser, Tag};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event as Xml;
use quick_xml::name::QName;
use std::io::Read;
use url::Url;

/// A page that a site lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where.
    pub url: Url,
    /// When it changed, as the sitemap writes it: a date or a time (W3C datetime).
    pub lastmod: Option<String>,
}

/// What a sitemap holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    pub(super) pages: Vec<Listed>,
    /// Sitemaps that it names.
    pub(super) sitemaps: Vec<Url>,
}

/// Decompresses what is compressed by itself rather than for the transfer. `None` when it is broken or larger than `most`.
pub(super) fn unpacked(body: Vec<u8>, most: usize) -> Option<Vec<u8>> {
    if !body.starts_with(b"\x1F\x8B") {
        return Some(body);
    }
    let mut out = Vec::new();
    MultiGzDecoder::new(body.as_slice())
        .take(most as u64 + 1)
        .read_to_end(&mut out)
        .ok()?;
    (out.len() <= most).then_some(out)
}

/// Reads a sitemap, no more than `most` entries of it. What is no absolute web address is left out.
pub(super) fn sitemap(body: &[u8], most: usize) -> Result<Sitemap, String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return xml(text, most);
    }
    let pages: Vec<Listed> = text.lines().filter_map(|line| listed(line, None)).take(most).collect();
    if pages.is_empty() && !text.is_empty() {
        return Err("it is neither XML nor a list of addresses".to_owned());
    }
    Ok(Sitemap {
        pages,
        ..Sitemap::default()
    })
}

fn xml(text: &str, most: usize) -> Result<Sitemap, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut sitemap = Sitemap::default();
    let (mut is_known, mut own, mut value) = (false, None, String::new());
    let (mut loc, mut lastmod) = (None, None);
    while sitemap.pages.len() + sitemap.sitemaps.len() < most {
        match reader.read_event() {
            Ok(Xml::Start(start)) => {
                if matches!(start.local_name().as_ref(), "urlset" | "sitemapindex") {
                    is_known = true;
                    own = prefix(start.name());
                }
                value.clear();
            }
            Ok(Xml::Text(text)) => value.push_str(&text),
            Ok(Xml::CData(text)) => value.push_str(&text),
            Ok(Xml::GeneralRef(name)) => {
                if let Ok(Some(letter)) = name.resolve_char_ref() {
                    value.push(letter);
                } else {
                    value.push_str(resolve_predefined_entity(&name).unwrap_or_default());
                }
            }
            Ok(Xml::End(end)) => match end.local_name().as_ref() {
                // Images and videos of a page have a `loc` of another prefix.
                "loc" if prefix(end.name()) == own => loc = Some(std::mem::take(&mut value)),
                "lastmod" => lastmod = Some(value.trim().to_owned()),
                "url" => sitemap.pages.extend(listed(&loc.take().unwrap_or_default(), lastmod.take())),
                "sitemap" => sitemap
                    .sitemaps
                    .extend(listed(&loc.take().unwrap_or_default(), lastmod.take()).map(|named| named.url)),
                _ => {}
            },
            Ok(Xml::Eof) => break,
            // What came before is as good as in a file that is whole.
            Err(why) if sitemap == Sitemap::default() => return Err(why.to_string()),
            Err(_) => break,
            Ok(_) => {}
        }
    }
    if is_known {
        Ok(sitemap)
    } else {
        Err("it has neither <urlset> nor <sitemapindex>".to_owned())
    }
}

fn prefix(name: QName) -> Option<String> {
    name.prefix().map(|prefix| prefix.as_ref().to_owned())
}

fn listed(text: &str, lastmod: Option<String>) -> Option<Listed> {
    let url = super::address::parse(text).ok()?;
    Some(Listed {
        url,
        lastmod: lastmod.filter(|time| !time.is_empty()),
    })
}

/// The links of an `llms.txt`, no more than `most`.
pub(super) fn llms_txt(body: &[u8], place: &Url, most: usize) -> Vec<Listed> {
    let text = String::from_utf8_lossy(body);
    let links = Parser::new(&text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => listed(place.join(&dest_url).ok()?.as_str(), None),
        _ => None,
    });
    links.take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn urls(sitemap: &Sitemap) -> Vec<&str> {
        sitemap.pages.iter().map(|page| page.url.as_str()).collect()
    }

    #[test]
    fn a_sitemap_lists_pages_and_when_they_changed() {
        let text = "\u{feff}<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='i'>
            <url><loc> https://e.org/a?b=1&amp;c=&#50; </loc><lastmod>2024-05-01</lastmod>
              <image:image><image:loc>https://e.org/i.png</image:loc></image:image></url>
            <url><loc><![CDATA[https://e.org/d]]></loc></url><url><loc>/relative</loc></url><url><loc>ftp://e.org/</loc></url></urlset>";
        let sitemap = sitemap(text.as_bytes(), 10).unwrap();
        assert_eq!(urls(&sitemap), ["https://e.org/a?b=1&c=2", "https://e.org/d"]);
        assert_eq!(sitemap.pages[0].lastmod.as_deref(), Some("2024-05-01"));
        assert_eq!(sitemap.pages[1].lastmod, None);
    }

    #[test]
    fn an_index_names_sitemaps() {
        let text = b"<s:sitemapindex xmlns:s='x'><s:sitemap><s:loc>https://e.org/1.xml.gz</s:loc></s:sitemap></s:sitemapindex>";
        let sitemap = sitemap(text, 10).unwrap();
        assert_eq!(sitemap.sitemaps[0].as_str(), "https://e.org/1.xml.gz");
        assert!(sitemap.pages.is_empty());
    }

    #[test]
    fn a_sitemap_may_be_plain_or_cut_off_or_none() {
        assert_eq!(
            urls(&sitemap(b"https://e.org/a\nhttps://e.org/b\n", 1).unwrap()),
            ["https://e.org/a"]
        );
        assert_eq!(
            urls(&sitemap(b"<urlset><url><loc>https://e.org/a</loc></url><url><lo", 9).unwrap()).len(),
            1
        );
        assert!(sitemap(b"<html><body>404</body></html>", 9).is_err());
        assert!(sitemap(b"Not found", 9).is_err());
    }

    #[test]
    fn what_is_packed_is_unpacked_within_bounds() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&[b' '; 100_000]).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpacked(packed.clone(), 100_000).unwrap().len(), 100_000);
        assert_eq!(unpacked(packed.clone(), 99_999), None);
        assert_eq!(unpacked(packed[..packed.len() / 2].to_vec(), 100_000), None);
        assert_eq!(unpacked(b"<urlset/>".to_vec(), 0).unwrap(), b"<urlset/>");
    }

    #[test]
    fn llms_txt_lists_its_links() {
        let place = Url::parse("https://e.org/docs/llms.txt").unwrap();
        let listed = llms_txt(
            b"# E\n> about\n\n- [A](/a.md): x\n- [B](b \"t\")\n`[c](c)` [m](mailto:x@y)",
            &place,
            9,
        );
        let urls: Vec<_> = listed.iter().map(|page| page.url.as_str()).collect();
        assert_eq!(urls, ["https://e.org/a.md", "https://e.org/docs/b"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(</?(urlset|url|loc|a:b)>|&|;|#|x|<|>|\\PC){0,30}") {
            let place = Url::parse("https://e.org/").unwrap();
            for body in [bytes.as_slice(), text.as_bytes()] {
                let _ = sitemap(body, 5);
                llms_txt(body, &place, 5);
                unpacked(body.to_vec(), 100);
            }
        }
    }
}
