//! Has the pages of a site brought in.

use super::kb_choice::{KbChoice, KbField};
use super::{Bring, field_of};
use crate::api::jobs::start_crawl;
use crate::base;
use crate::protocol::job::NewCrawl;
use crate::protocol::{MutationId, Problem, limits};
use crate::ui::{When, browser};
use leptos::html::Details;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::SubmitEvent;

/// Why something was not taken: the field, empty for the whole form, and the reason.
type Refused = RwSignal<Option<(String, String)>>;

/// The form.
#[component]
pub fn CrawlForm(bring: Bring) -> impl IntoView {
    let choice = KbChoice::new(bring);
    let [url, pages, depth, include, exclude] = std::array::from_fn(|_| RwSignal::new(String::new()));
    let below = RwSignal::new(true);
    let folder = Memo::new(move |_| url.with(|url| folder(url)));
    let is_offered = Memo::new(move |_| folder.with(Option::is_some) && include.with(|include| lines(include).is_empty()));
    let (busy, refused): (RwSignal<bool>, Refused) = (RwSignal::new(false), RwSignal::new(None));
    let more = NodeRef::new();
    lead_to_refused(refused, more);
    let navigate = base::use_navigate();
    let start = move |ev: SubmitEvent| {
        ev.prevent_default();
        let Some(kb) = choice.chosen().filter(|_| !busy.get_untracked()) else {
            return;
        };
        let wanted = || {
            Ok(NewCrawl {
                url: address(&url.get_untracked())?,
                kb: kb.to_string(),
                max_pages: number("max_pages", &pages.get_untracked())?,
                max_depth: number("max_depth", &depth.get_untracked())?,
                include: match folder.get_untracked() {
                    Some(folder) if is_offered.get_untracked() && below.get_untracked() => vec![format!("{folder}**")],
                    _ => lines(&include.get_untracked()),
                },
                exclude: lines(&exclude.get_untracked()),
            })
        };
        let new = match wanted() {
            Ok(new) => new,
            Err(why) => return refused.set(Some(why)),
        };
        busy.set(true);
        refused.set(None);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = start_crawl(new, MutationId::generate()).await;
            let is_open = busy.try_set(false).is_none();
            match answer {
                Ok(job) if is_open => {
                    bring.close();
                    navigate(&base::at(&format!("/jobs#{}", job.job_id)), Default::default());
                }
                // It was closed meanwhile; the job shows by itself.
                Ok(_) => {}
                Err(problem) => drop(refused.try_set(Some(why(&problem)))),
            }
        });
    };
    let number = move |field: &'static str, name: &'static str, value: RwSignal<String>, otherwise: String| {
        let control = view! {
            <input
                id=id_of(field)
                type="text"
                inputmode="numeric"
                autocomplete="off"
                placeholder=otherwise
                aria-describedby=why_of(field)
                aria-invalid=move || is_refused(refused, field)
                bind:value=value
            />
        };
        labelled(field, name, refused, control.into_any())
    };
    let patterns = move |field: &'static str, name: &'static str, value: RwSignal<String>, such_as: &'static str| {
        let control = view! {
            <textarea
                id=id_of(field)
                class="code"
                rows="2"
                spellcheck="false"
                placeholder=such_as
                aria-describedby=why_of(field)
                aria-invalid=move || is_refused(refused, field)
                bind:value=value
            ></textarea>
        };
        labelled(field, name, refused, control.into_any())
    };
    let begin = view! {
        <input
            id=id_of("url")
            type="text"
            inputmode="url"
            autofocus
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            placeholder="https://docs.example.org/"
            aria-describedby=format!("crawl-hint {}", why_of("url"))
            aria-invalid=move || is_refused(refused, "url")
            bind:value=url
        />
        <p id="crawl-hint" class="hint">"A page, a sitemap.xml or an llms.txt. Links that stay on the site are followed."</p>
    };
    view! {
        <form class="form" novalidate on:submit=start>
            {labelled("url", "Where to begin", refused, begin.into_any())}
            <When is=move || is_offered.get()>
                <label class="check">
                    <input type="checkbox" prop:checked=below on:change=move |ev| below.set(event_target_checked(&ev))/>
                    <span>"Only pages below " <code>{folder}</code></span>
                </label>
            </When>
            <KbField choice/>
            <details class="editor-more" node_ref=more>
                <summary>"More"<span class="muted">"pages, depth, patterns"</span></summary>
                <div class="form">
                    <div class="editor-fields editor-fields-even">
                        {number("max_pages", "Maximum pages", pages, limits::CRAWL_PAGES_DEFAULT.to_string())}
                        {number("max_depth", "Maximum depth (links from the first page)", depth, limits::CRAWL_DEPTH_DEFAULT.to_string())}
                    </div>
                    {patterns("include", "Include paths, one per line", include, "/docs/**")}
                    {patterns("exclude", "Exclude paths, one per line", exclude, "/blog/**")}
                </div>
            </details>
            <Why field="" refused/>
            <div class="actions">
                <button type="submit" class="button button-primary" disabled=move || busy.get() || choice.is_empty()>
                    {move || if busy.get() { "Starting…" } else { "Crawl" }}
                </button>
                <button type="button" class="button" on:click=move |_| bring.close()>"Cancel"</button>
            </div>
        </form>
    }
}

/// A field with its name and, where it was refused, the reason.
fn labelled(field: &'static str, name: &'static str, refused: Refused, control: AnyView) -> AnyView {
    view! {
        <div class="field">
            <label for=id_of(field)>{name}</label>
            {control}
            <Why field refused/>
        </div>
    }
    .into_any()
}

/// The fields that a crawl can be refused for.
const FIELDS: [&str; 5] = ["url", "max_pages", "max_depth", "include", "exclude"];

fn id_of(field: &str) -> String {
    format!("crawl-{field}")
}

fn why_of(field: &str) -> String {
    format!("crawl-{field}-why")
}

fn is_refused(refused: Refused, field: &str) -> Option<&'static str> {
    let is_it = refused.with(|refused| refused.as_ref().is_some_and(|(of, _)| of == field));
    is_it.then_some("true")
}

/// Leads to the field that was refused, also where it is folded away.
fn lead_to_refused(refused: Refused, more: NodeRef<Details>) {
    Effect::new(move || {
        let Some(field) = refused.with(|refused| refused.as_ref().map(|(field, _)| field.clone())) else {
            return;
        };
        if let Some(more) = more.get_untracked().filter(|_| field != "url" && !field.is_empty()) {
            // An attribute of this name is always allowed.
            drop(more.set_attribute("open", ""));
        }
        if !field.is_empty() {
            browser::focus(&format!("#{}", id_of(&field)));
        }
    });
}

/// Why a field was refused, below it.
#[component]
fn Why(field: &'static str, refused: Refused) -> impl IntoView {
    let why = move || refused.with(|refused| refused.as_ref().filter(|(of, _)| of == field).map(|(_, why)| why.clone()));
    view! { <span id=why_of(field) class="field-error" role="alert">{why}</span> }
}

/// What the server says, without the name of the field where it stands at the field.
fn why(problem: &Problem) -> (String, String) {
    let field = field_of(problem).filter(|field| FIELDS.contains(&field.as_str()));
    let Some(field) = field else {
        return (String::new(), problem.detail.clone());
    };
    let why = problem.detail.strip_prefix(&format!("{field}: ")).unwrap_or(&problem.detail);
    let why = sentence(why);
    (field, why)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

/// An address as people type it: nobody types the scheme.
fn address(text: &str) -> Result<String, (String, String)> {
    let text = text.trim();
    if text.is_empty() {
        return Err(("url".to_owned(), "Enter the address of a page of the site.".to_owned()));
    }
    let has_scheme = text.contains("://");
    Ok(if has_scheme { text.to_owned() } else { format!("https://{text}") })
}

/// The folder of a page's address, where it is not all of the site: what most people mean by "this site". None for lists of
/// pages, which say themselves what is meant.
fn folder(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let (folder, name) = path.split_at(path.rfind('/')? + 1);
    let is_list = name.starts_with("sitemap") || name.ends_with(".xml") || name.ends_with(".xml.gz") || name.starts_with("llms");
    let is_plain = !folder.contains(['*', '?', '[', ']', '{', '}', '\\', ',']);
    (folder.len() > 1 && !is_list && is_plain).then(|| folder.to_owned())
}

fn number<N: std::str::FromStr>(field: &str, text: &str) -> Result<Option<N>, (String, String)> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map(Some);
    number.map_err(|_| (field.to_owned(), "Enter a whole number, or nothing.".to_owned()))
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Code;

    #[test]
    fn what_is_typed_is_what_is_asked_for() {
        assert_eq!(address(" docs.rs/serde ").unwrap(), "https://docs.rs/serde");
        assert_eq!(address("http://a.lan").unwrap(), "http://a.lan");
        assert_eq!(address(" ").unwrap_err().0, "url");
        assert_eq!(number::<u64>("max_pages", ""), Ok(None));
        assert_eq!(number("max_pages", " 12 "), Ok(Some(12_u64)));
        assert_eq!(number::<u64>("max_pages", "many").unwrap_err().0, "max_pages");
        assert_eq!(lines("/docs/**\n\n /api/* \n"), ["/docs/**", "/api/*"]);
    }

    #[test]
    fn a_folder_is_offered_where_the_page_is_in_one() {
        for (address, is) in [
            ("https://docs.rs/serde/latest/serde/index.html?x=/a/b", Some("/serde/latest/serde/")),
            ("docs.rs/serde/", Some("/serde/")),
            ("https://docs.rs/serde", None),
            ("https://docs.rs", None),
            ("https://docs.rs/a/sitemap_index.xml", None),
            ("https://docs.rs/a/llms.txt", None),
            ("https://docs.rs/a*/b", None),
        ] {
            assert_eq!(folder(address).as_deref(), is, "{address}");
        }
    }

    #[test]
    fn a_refusal_stands_at_its_field() {
        let problem = Problem::new(Code::InvalidValue, "max_pages: 0 is not between 1 and 9").with("field", "max_pages");
        assert_eq!(why(&problem), ("max_pages".to_owned(), "0 is not between 1 and 9".to_owned()));
        let problem = Problem::new(Code::Forbidden, "You may only read here.");
        assert_eq!(why(&problem), (String::new(), "You may only read here.".to_owned()));
    }
}
