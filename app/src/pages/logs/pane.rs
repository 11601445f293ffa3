//! The lines, in blocks: of five thousand only the last block changes when something comes, and only those on the screen
//! are laid out. It follows what comes, until somebody scrolls up.

use super::tail::Tail;
use crate::protocol::log::{LogFilter, LogLevel, LogRecord};
use crate::ui::{Button, Each, EmptyState, Glyph, Tone, When, browser};
use leptos::html::Div;
use leptos::prelude::*;
use serde_json::Value;

/// The end counts as reached within so many pixels.
const NEAR: i32 = 32;
/// A hand that moved may still be moving for so long.
const MOMENT_MS: i64 = 1_000;
/// How many frames it takes until all has its height.
const FRAMES: u32 = 3;

/// The lines.
#[component]
pub fn Pane(tail: RwSignal<Tail>, filter: Memo<LogFilter>) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    // Where it was when somebody scrolled up; none while it follows.
    let paused = RwSignal::new(None::<usize>);
    let blocks = Memo::new(move |_| tail.with(|tail| (tail.edition, tail.blocks())));
    let end = Memo::new(move |_| tail.with(|tail| (tail.edition, tail.end())));
    let none = Memo::new(move |_| blocks.with(|(_, blocks)| blocks.is_empty()));
    let hand_until = StoredValue::new(0);
    let scrolled = scrolling(node, tail, paused, hand_until);
    let by_hand = move |lasts: i64| hand_until.set_value(browser::now_ms() + lasts);
    let going = StoredValue::new(0);
    Effect::new(move || {
        // Read, and not only tracked: a memo that nobody reads is not worked out, and tells nothing.
        let _ = end.get();
        node.track();
        if paused.get().is_none() && going.try_update_value(|left| std::mem::replace(left, FRAMES)) == Some(0) {
            go_down(node, paused, going);
        }
    });
    let each = move || {
        let (edition, blocks) = blocks.get();
        blocks.map(move |block| (edition, block))
    };
    view! {
        <div class="log-frame">
            <div
                node_ref=node
                class="log"
                role="region"
                aria-label="Lines of the log"
                tabindex="0"
                on:scroll=scrolled
                on:wheel=move |_| by_hand(MOMENT_MS)
                on:touchmove=move |_| by_hand(MOMENT_MS)
                on:keydown=move |ev| {
                    if ev.key() == "End" {
                        // Not by the browser, which goes to where the end was when it set out.
                        ev.prevent_default();
                        by_hand(0);
                        paused.set(None);
                    } else {
                        by_hand(MOMENT_MS);
                    }
                }
                // The scrollbar does not say when it is let go.
                on:pointerdown=move |_| by_hand(10 * MOMENT_MS)
            >
                <Each each key=|(edition, block)| format!("{edition} {block}") children=move |(_, block)| view! { <Block tail block/> }.into_any()/>
                <When is=move || none.get()>
                    <Nothing filter/>
                </When>
            </div>
            <Paused tail paused/>
        </div>
    }
}

/// Goes to the end, once what has come is drawn; and again, since what comes into sight is laid out only then.
fn go_down(node: NodeRef<Div>, paused: RwSignal<Option<usize>>, going: StoredValue<u32>) {
    request_animation_frame(move || {
        let left = going.try_update_value(|left| {
            *left = left.saturating_sub(1);
            *left
        });
        if let (Some(pane), Some(None)) = (node.try_get_untracked().flatten(), paused.try_get_untracked()) {
            pane.set_scroll_top(pane.scroll_height());
        }
        if left.is_some_and(|left| left > 0) {
            go_down(node, paused, going);
        }
    });
}

/// Says where one scrolls to: up pauses, down to the end goes on. The place changes by itself too, when the oldest lines go:
/// what pauses is a hand, that was there until a moment ago.
fn scrolling(
    node: NodeRef<Div>,
    tail: RwSignal<Tail>,
    paused: RwSignal<Option<usize>>,
    hand_until: StoredValue<i64>,
) -> impl Fn(web_sys::Event) {
    let before = StoredValue::new(0);
    move |_| {
        let Some(pane) = node.get_untracked() else { return };
        let (top, below) = (pane.scroll_top(), pane.scroll_height() - pane.scroll_top() - pane.client_height());
        let was = before.get_value();
        before.set_value(top);
        if below <= NEAR {
            if paused.with_untracked(Option::is_some) {
                paused.set(None);
            }
        } else if top < was && browser::now_ms() < hand_until.get_value() && paused.with_untracked(Option::is_none) {
            paused.set(Some(tail.with_untracked(Tail::end)));
        }
    }
}

/// Says that it does not follow, and what came since; and leads down again.
#[component]
fn Paused(tail: RwSignal<Tail>, paused: RwSignal<Option<usize>>) -> impl IntoView {
    let new = Memo::new(move |_| paused.get().map(|at| tail.with(Tail::end).saturating_sub(at)));
    let is_paused = Memo::new(move |_| new.with(Option::is_some));
    view! {
        <p class="visually-hidden" role="status">{move || is_paused.get().then_some("Paused. New lines wait at the end.")}</p>
        <When is=move || is_paused.get()>
            <div class="log-paused">
                <span class="badge badge-warn">"Paused"</span>
                <Button tone=Tone::Primary icon=Glyph::ArrowDown on:click=move |_| paused.set(None)>
                    {move || match new.get() {
                        None | Some(0) => "Go on".to_owned(),
                        Some(n) => format!("{n} new"),
                    }}
                </Button>
            </div>
        </When>
    }
}

#[component]
fn Nothing(filter: Memo<LogFilter>) -> impl IntoView {
    let filtered = Memo::new(move |_| filter.with(|filter| *filter != LogFilter::default()));
    move || {
        if filtered.get() {
            view! {
                <EmptyState glyph=Glyph::Search title="Nothing matches" text="None of the lines that the server keeps is like that. What comes and matches appears here.">
                    <a class="button" href=crate::base::at("/logs")>"Show all lines"</a>
                </EmptyState>
            }
            .into_any()
        } else {
            view! { <EmptyState glyph=Glyph::Log title="No lines" text="The log is empty. What the server says from now on appears here at once."/> }.into_any()
        }
    }
}

#[component]
fn Block(tail: RwSignal<Tail>, block: usize) -> impl IntoView {
    let places = Memo::new(move |_| tail.with(|tail| tail.places(block)));
    let line = move |place: usize| {
        let record = tail.with_untracked(|tail| tail.row(place).cloned());
        record.map(|record| view! { <Line record/> }.into_any()).into_any()
    };
    view! {
        <div class="log-block">
            <Each each=move || places.get() key=|place| *place children=line/>
        </div>
    }
}

#[component]
fn Line(record: LogRecord) -> impl IntoView {
    let time = record.timestamp.to_string();
    let clock = time.get(11..23).unwrap_or_default().to_owned();
    let fields = fields(&record);
    view! {
        <p class="log-line" data-level=record.level.as_str()>
            <time datetime=time.clone() title=time>{clock}</time>
            " "
            <span class="log-level">{named(record.level)}</span>
            " "
            <span class="log-target">{record.target}</span>
            " "
            <span class="log-text">{record.message}</span>
            {(!fields.is_empty()).then(|| view! { <span class="log-fields">{format!(" {fields}")}</span> }.into_any())}
        </p>
    }
    .into_any()
}

/// As wide as the widest.
const fn named(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "ERROR",
        LogLevel::Warn => "WARN ",
        LogLevel::Info => "INFO ",
        LogLevel::Debug => "DEBUG",
        LogLevel::Trace => "TRACE",
    }
}

/// `job=notes.1 done=3`
pub fn fields(record: &LogRecord) -> String {
    let field = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    };
    record.fields.iter().map(field).collect::<Vec<_>>().join(" ")
}
