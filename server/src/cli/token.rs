//! `tidings token`: programs' tokens.

use super::{Global, owner, print, with_store};
use crate::domain::{Caller, person};
use app::protocol::people::{NewToken, Scope};
use clap::Subcommand;
use serde_json::json;

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Makes one, and prints its secret alone
    Create {
        /// For whom the program acts
        #[arg(long, env = "TIDINGS_USER", value_name = "NAME")]
        user: String,
        /// What it may be used for: read, write, notify, admin; repeatable [default: read and write]
        #[arg(long = "scope", env = "TIDINGS_SCOPE", value_name = "S", value_delimiter = ',')]
        scopes: Vec<String>,
        /// What the program is called, such as claude [default: the person's name]
        #[arg(long, env = "TIDINGS_TOKEN_NAME", value_name = "NAME")]
        name: Option<String>,
        /// The one knowledge base that it is held to
        #[arg(long, env = "TIDINGS_KB", value_name = "KB")]
        kb: Option<String>,
        /// After how many days it is refused
        #[arg(long, env = "TIDINGS_EXPIRES_IN_DAYS", value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// Lists them: number, person, name, scopes, knowledge base
    List,
    /// Takes one back; its connections end
    Revoke {
        /// Its number, as `tidings token list` shows it
        id: i64,
    },
}

fn names(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
}

pub(super) async fn run(global: &Global, command: Token) -> anyhow::Result<()> {
    match command {
        Token::Create {
            user,
            scopes,
            name,
            kb,
            expires_in_days,
        } => {
            let new = NewToken {
                name,
                scopes: (!scopes.is_empty()).then_some(scopes),
                kb,
                expires_in_days,
                user: Some(user),
            };
            with_store(global, async |store| {
                let made = person::make_token(store, &owner(), new).await?;
                if global.json {
                    print::json(&made)
                } else {
                    print::line(made.secret)
                }
            })
            .await
        }
        Token::List => {
            with_store(global, async |store| {
                let tokens = person::all_tokens(store, &Caller::owner()).await?;
                if global.json {
                    return print::json(&tokens);
                }
                for token in tokens {
                    let kb = token.kb_name.map(|kb| kb.to_string()).unwrap_or_default();
                    print::line(format_args!(
                        "{}\t{}\t{}\t{}\t{kb}",
                        token.id,
                        token.user_id,
                        token.name,
                        names(&token.scopes)
                    ))?;
                }
                Ok(())
            })
            .await
        }
        Token::Revoke { id } => {
            with_store(global, async |store| {
                person::revoke_token(store, &owner(), id).await?;
                if global.json {
                    print::json(&json!({ "revoked": id }))
                } else {
                    print::line(format_args!("revoked {id}"))
                }
            })
            .await
        }
    }
}
