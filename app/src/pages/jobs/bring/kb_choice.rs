//! Asks into which knowledge base.

use super::Bring;
use crate::api::kb::load_home;
use crate::protocol::KbName;
use crate::protocol::entry::KbSummary;
use crate::protocol::people::Level;
use leptos::html::Select;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The choice among the knowledge bases that one may write in.
#[derive(Clone, Copy)]
pub struct KbChoice {
    select: NodeRef<Select>,
    kbs: RwSignal<Vec<KbSummary>>,
    /// Why there is nothing to choose.
    failed: RwSignal<Option<String>>,
    wanted: Option<StoredValue<KbName>>,
}

impl KbChoice {
    /// Begins to ask which there are.
    pub fn new(bring: Bring) -> Self {
        let choice = Self {
            select: NodeRef::new(),
            kbs: RwSignal::new(Vec::new()),
            failed: RwSignal::new(None),
            wanted: bring.kb.get_untracked().map(StoredValue::new),
        };
        spawn_local(async move {
            match load_home().await {
                Ok(home) => {
                    let writable: Vec<_> = home.data.kbs.into_iter().filter(|kb| kb.level >= Level::Write).collect();
                    if writable.is_empty() {
                        let why = "There is no knowledge base that you may write in. Make one on the home page first.";
                        choice.failed.try_set(Some(why.to_owned()));
                    }
                    choice.kbs.try_set(writable);
                }
                Err(problem) => drop(choice.failed.try_set(Some(problem.detail))),
            }
        });
        choice
    }

    /// Whether there is nothing to choose, or not yet.
    pub fn is_empty(self) -> bool {
        self.kbs.with(Vec::is_empty)
    }

    /// The one that is chosen.
    pub fn chosen(self) -> Option<KbName> {
        self.select.get_untracked().and_then(|select| KbName::parse(&select.value()).ok())
    }

    /// Where nobody said which: the knowledge base in which something happened last is the likeliest.
    fn is_likeliest(self, kb: &KbName) -> bool {
        let wanted = self.wanted.map(|wanted| wanted.get_value());
        self.kbs.with_untracked(|kbs| {
            let known = wanted.filter(|wanted| kbs.iter().any(|kb| kb.name == *wanted));
            let last = || kbs.iter().max_by_key(|kb| kb.updated_at).map(|kb| kb.name.clone());
            known.or_else(last).as_ref() == Some(kb)
        })
    }
}

/// The field that shows it.
#[component]
pub fn KbField(choice: KbChoice) -> impl IntoView {
    let option = move |kb: KbSummary| {
        let selected = choice.is_likeliest(&kb.name);
        view! { <option value=kb.name.to_string() selected=selected>{kb.title}</option> }.into_any()
    };
    view! {
        <label class="field">
            <span>"Knowledge base"</span>
            <select node_ref=choice.select>{move || choice.kbs.get().into_iter().map(option).collect_view()}</select>
        </label>
        <p class="field-error" role="alert">{choice.failed}</p>
    }
}
