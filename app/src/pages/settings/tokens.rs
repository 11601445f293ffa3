//! The tokens of one's programs.

use super::new_token::NewTokenForm;
use crate::api::people::revoke_token;
use crate::pages::write::attempt;
use crate::protocol::people::{Account, Scope, Token};
use crate::sync::LiveRead;
use crate::ui::time::date;
use crate::ui::{Badge, Button, Confirm, Dialog, Each, Glyph, Time, Tone, When};
use leptos::prelude::*;

/// The list of tokens, and the way to a new one.
#[component]
pub fn Tokens(read: LiveRead<Account>) -> impl IntoView {
    let tokens = Memo::new(move |_| read.with_data(|account| account.tokens.clone()).unwrap_or_default());
    let none = Memo::new(move |_| tokens.with(Vec::is_empty));
    let making = RwSignal::new(false);
    let doomed = RwSignal::new(None::<Token>);
    let revoke = move |token: Token| attempt("Not revoked", revoke_token(token.id), move |()| read.refetch());
    let warning = |token: &Token| format!("The program that uses “{}” will be refused from now on.", token.name);
    view! {
        <section class="setting" aria-labelledby="tokens">
            <header class="setting-head">
                <h2 id="tokens">"Tokens for programs"</h2>
                <Button icon=Glyph::Plus on:click=move |_| making.set(true)>"New token"</Button>
            </header>
            <p class="muted">"A program, such as an agent, acts for you with a token, within what you may do."</p>
            <When is=move || none.get()>
                <p class="muted">"You have no token."</p>
            </When>
            <ul class="things">
                <Each
                    each=move || tokens.get()
                    key=|token| format!("{} {:?}", token.id, token.last_used_at)
                    children=move |token| view! { <Line token doomed/> }.into_any()
                />
            </ul>
        </section>
        <Dialog open=making title="New token">
            <NewTokenForm read open=making/>
        </Dialog>
        <Confirm about=doomed title="Revoke this token?" text=warning label="Revoke" act=Callback::new(revoke)/>
    }
}

#[component]
fn Line(token: Token, doomed: RwSignal<Option<Token>>) -> impl IntoView {
    let scopes = token.scopes.iter().copied().map(Scope::as_str).collect::<Vec<_>>().join(", ");
    let kb = match &token.kb_name {
        Some(kb) => format!("in {kb} only"),
        None => "in all knowledge bases".to_owned(),
    };
    let gone = token.clone();
    view! {
        <li class="thing" data-row=token.id.to_string()>
            <div class="thing-what">
                <strong>{token.name.to_string()}</strong>
                " "
                <Badge>{scopes}</Badge>
                <p>
                    {kb}
                    ", made "
                    <Time at=token.created_at/>
                    ", "
                    {match token.last_used_at {
                        Some(at) => view! { "used " <Time at/> }.into_any(),
                        None => view! { "never used" }.into_any(),
                    }}
                    ", "
                    {match token.expires_at {
                        Some(at) => view! { "good until " <time datetime=at.to_string()>{date(at)}</time> }.into_any(),
                        None => view! { "does not expire" }.into_any(),
                    }}
                </p>
            </div>
            <Button tone=Tone::Danger on:click=move |_| doomed.set(Some(gone.clone())) attr:aria-label=format!("Revoke {}", token.name)>
                "Revoke"
            </Button>
        </li>
    }
}
