//! A version compared with the one before it. Signs say what colours say too.

use crate::api::entry::load_version_diff;
use crate::protocol::entry::{DiffKind, DiffLine, VersionDiff};
use crate::protocol::{EntryId, KbName, Version};
use crate::sync::Sync;
use crate::ui::{Button, ErrorState, Glyph, Skeleton, Toasts, When};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the chosen version changed, and the way back to it.
#[component]
pub fn Diff(
    named: StoredValue<(KbName, EntryId)>,
    chosen: Memo<Version>,
    newest: Memo<Version>,
    /// Whether one may bring a version back.
    writes: Signal<bool>,
) -> impl IntoView {
    let read = Resource::new(
        move || (named.get_value(), chosen.get()),
        |((kb, id), version)| load_version_diff(kb, id, version),
    );
    view! {
        <section aria-labelledby="diff-title">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || {
                    read.get()
                        .map(|result| match result {
                            Ok(diff) => view! { <Compared diff named newest writes/> }.into_any(),
                            Err(problem) => view! { <ErrorState problem retry=Callback::new(move |()| read.refetch())/> }.into_any(),
                        })
                }}
            </Transition>
        </section>
    }
}

#[component]
fn Compared(diff: VersionDiff, named: StoredValue<(KbName, EntryId)>, newest: Memo<Version>, writes: Signal<bool>) -> impl IntoView {
    let version = diff.version;
    let title = match diff.base {
        Some(base) => format!("Version {version} compared with {base}"),
        None => format!("Version {version}, the first"),
    };
    let unchanged = diff.fields.is_empty() && diff.lines.iter().all(|line| line.kind == DiffKind::Same);
    view! {
        <header class="page-head">
            <h2 id="diff-title">{title}</h2>
            {move || (newest.get() != version && writes.get()).then(|| view! { <Restore named version/> }.into_any())}
        </header>
        <Fields fields=diff.fields/>
        <When is=move || unchanged>
            <p class="muted">"Nothing that a reader sees changed."</p>
        </When>
        <div class="diff" role="region" aria-label="Changed lines" tabindex="0">
            {diff.lines.into_iter().map(line_view).map(IntoAny::into_any).collect_view()}
        </div>
    }
}

#[component]
fn Fields(fields: Vec<(String, String, String)>) -> impl IntoView {
    let field = |(name, before, after): (String, String, String)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>
                    <del class="removed">{before}</del>
                    " → "
                    <ins class="added">{after}</ins>
                </dd>
            </div>
        }
        .into_any()
    };
    (!fields.is_empty()).then(|| view! { <dl class="diff-fields">{fields.into_iter().map(field).collect_view()}</dl> }.into_any())
}

fn line_view(line: DiffLine) -> AnyView {
    if line.skipped > 0 {
        let text = match line.skipped {
            1 => "1 unchanged line".to_owned(),
            n => format!("{n} unchanged lines"),
        };
        return view! { <div class="diff-skipped">{text}</div> }.into_any();
    }
    let (class, sign, said) = match line.kind {
        DiffKind::Same => ("diff-line", " ", ""),
        DiffKind::Added => ("diff-line diff-added", "+", "Added: "),
        DiffKind::Removed => ("diff-line diff-removed", "−", "Removed: "),
    };
    view! {
        <div class=class>
            <span aria-hidden="true">{sign}</span>
            <span><span class="visually-hidden">{said}</span>{line.text}</span>
        </div>
    }
    .into_any()
}

#[component]
fn Restore(named: StoredValue<(KbName, EntryId)>, version: Version) -> impl IntoView {
    let (sync, toasts) = (Sync::expect(), Toasts::expect());
    let busy = RwSignal::new(false);
    let restore = move |_| {
        busy.set(true);
        let (kb, id) = named.get_value();
        spawn_local(async move {
            match sync.restore_version(kb, id, version).await {
                Ok(written) => toasts.say(format!("Version {version} is back, as version {}.", written.entry.version)),
                Err(problem) => toasts.fail(format!("Not restored: {}", problem.detail)),
            }
            busy.try_set(false);
        });
    };
    view! { <Button icon=Glyph::Restore disabled=busy on:click=restore>"Restore this version"</Button> }
}
