//! `tidings user`: people.

use super::{Global, owner, print, with_new_store, with_store};
use crate::domain::{Caller, person};
use anyhow::Context;
use app::protocol::UserId;
use app::protocol::people::Role;
use clap::builder::FalseyValueParser;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::io::Read;

/// What somebody shall be.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum As {
    /// May do everything
    Owner,
    /// May do what each knowledge base lets them
    Member,
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Adds a person
    Add {
        /// Their name: lower-case letters, digits, '-', '_' and '.'
        name: String,
        /// Read the password from standard input; without it, only programs can speak for them
        #[arg(long, env = "TIDINGS_PASSWORD_STDIN", value_parser = FalseyValueParser::new())]
        password_stdin: bool,
        /// What they shall be
        #[arg(long, env = "TIDINGS_ROLE", value_enum, default_value_t = As::Member)]
        role: As,
    },
    /// Lists people: name, role
    List,
    /// Gives a person a new password, read from standard input; all their browsers are logged out
    Password {
        /// Their name
        name: UserId,
    },
    /// Links a person's account to an outside issuer, whose tokens then speak for it; without --issuer, ends the link
    Link {
        /// Their name
        name: UserId,
        /// The issuer, as in the `iss` of its tokens
        #[arg(long, env = "TIDINGS_ISSUER")]
        issuer: Option<String>,
    },
    /// Removes a person: they are logged out, their tokens end, what they wrote stays
    Remove {
        /// Their name
        name: UserId,
    },
}

fn password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .context("the password could not be read from standard input")?;
    // The end of the line is not part of it.
    let end = text
        .strip_suffix('\n')
        .map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text))
        .len();
    text.truncate(end);
    Ok(text)
}

pub(super) async fn run(global: &Global, command: User) -> anyhow::Result<()> {
    match command {
        User::Add {
            name,
            password_stdin,
            role,
        } => {
            let password = password_stdin.then(password).transpose()?;
            let role = match role {
                As::Owner => Role::Owner,
                As::Member => Role::Member,
            };
            with_new_store(global, async |store| {
                let added = person::add(store, &owner(), &name, password, role).await?;
                if global.json {
                    print::json(&added)
                } else {
                    print::line(added.user_id)
                }
            })
            .await
        }
        User::List => {
            with_store(global, async |store| {
                let people = person::list(store, &Caller::owner()).await?;
                if global.json {
                    return print::json(&people);
                }
                for person in people {
                    print::line(format_args!("{}\t{}", person.user_id, person.role.as_str()))?;
                }
                Ok(())
            })
            .await
        }
        User::Password { name } => {
            let new = password()?;
            with_store(global, async |store| {
                person::reset_password(store, &owner(), name.clone(), new).await?;
                if global.json {
                    print::json(&json!({ "changed": name }))
                } else {
                    print::line(format_args!("changed the password of {name}"))
                }
            })
            .await
        }
        User::Link { name, issuer } => {
            with_store(global, async |store| {
                person::set_issuer(store, &owner(), &name, issuer.clone()).await?;
                match (global.json, &issuer) {
                    (true, _) => print::json(&json!({ "user_id": name, "issuer": issuer })),
                    (false, Some(issuer)) => print::line(format_args!("linked {name} to {issuer}")),
                    (false, None) => print::line(format_args!("{name} is linked to no issuer")),
                }
            })
            .await
        }
        User::Remove { name } => {
            with_store(global, async |store| {
                person::remove(store, &owner(), name.clone()).await?;
                if global.json {
                    print::json(&json!({ "removed": name }))
                } else {
                    print::line(format_args!("removed {name}"))
                }
            })
            .await
        }
    }
}
