//! Who asks, and what they ask about.

use crate::common::{Api, TestServer};
use app::protocol::job::{JobKind, JobStatus};
use app::protocol::people::{Role, Scope, Token};
use app::protocol::{KbName, Timestamp, UserId};
use serde_json::json;
use server::domain::mutation::Request;
use server::domain::{Caller, job};
use server::store::{jobs, tokens};

/// Everybody who asks.
pub struct Cast {
    server: TestServer,
    /// As in the table's columns.
    pub who: Vec<Api>,
    /// Owners who set the stage.
    stagers: Vec<Api>,
    made: usize,
}

/// What a request is about; made anew after each that changed something.
pub struct Stage {
    pub kb: String,
    pub trash_id: i64,
    pub user: String,
    pub token: i64,
    pub announcement: i64,
    pub invitation: i64,
    pub job: String,
}

impl Cast {
    pub async fn new() -> Self {
        let server = TestServer::guarded().await;
        let owner = server.person("olga", Role::Owner).await;
        let mut who = vec![Api::new(server.addr())];
        for name in ["stranger", "reader", "writer", "admin"] {
            who.push(server.person(name, Role::Member).await);
        }
        who.push(owner.clone());
        let (revoked, id) = server.token("olga", &Scope::ALL).await;
        owner.delete(&format!("/api/tokens/{id}")).await.expect(204);
        who.push(revoked);
        who.push(expired(&server).await);
        let mut stagers = vec![];
        for name in ["stager-1", "stager-2", "stager-3"] {
            stagers.push(server.person(name, Role::Owner).await);
        }
        Self {
            server,
            who,
            stagers,
            made: 0,
        }
    }

    /// A stage for this address, with as much on it as it needs.
    pub async fn stage(&mut self, address: &str) -> Stage {
        let about = |words: &[&str]| words.iter().any(|word| address.contains(word));
        self.made += 1;
        // Several by turns: one alone would write more than one may.
        let (n, owner) = (self.made, self.stagers[self.made % self.stagers.len()].clone());
        let kb = format!("vault-{n}");
        owner.post("/api/kbs", json!({"name": kb, "members": "none"})).await.expect(201);
        for (name, level) in [("reader", "read"), ("writer", "write"), ("admin", "admin")] {
            let right = format!("/api/kbs/{kb}/access/{name}");
            owner.put(&right, json!({ "level": level })).await.expect(204);
        }
        let entries = format!("/api/kbs/{kb}/entries");
        owner.post(&entries, json!({"title": "One", "id": "one"})).await.expect(201);
        owner.post(&entries, json!({"title": "Two", "id": "two"})).await.expect(201);
        let trash_id = owner.delete(&format!("{entries}/two")).await.expect(200).json["trash_id"]
            .as_i64()
            .unwrap();
        let (mut user, mut token, mut announcement, mut invitation) = ("stranger".to_owned(), 0, 0, 0);
        if about(&["{user}", "token", "person", "role", "right"]) {
            user = format!("guest-{n}");
            self.server.person(&user, Role::Member).await;
            token = self.server.token(&user, &[Scope::Read]).await.1;
        }
        let made = |answer: crate::common::Answer| answer.expect(201).json["id"].as_i64().unwrap();
        if about(&["announcement"]) {
            announcement = made(owner.post("/api/announcements", json!({"message": "Hear"})).await);
        }
        if about(&["invitation"]) {
            invitation = made(owner.post("/api/invitations", json!({})).await);
        }
        let job = match about(&["job"]) {
            true => interrupted(&self.server, &kb).await,
            false => String::new(),
        };
        Stage {
            job,
            kb,
            trash_id,
            user,
            token,
            announcement,
            invitation,
        }
    }
}

/// A job that can go on, be ended, and be taken off the list.
async fn interrupted(server: &TestServer, kb: &str) -> String {
    let (store, kb) = (server.store().await, KbName::parse(kb).unwrap());
    let id = store
        .write(move |tx| {
            Box::pin(async move {
                let new = job::New::of(&kb, JobKind::Sync, "a folder".into(), json!({"folder": "/nowhere"}));
                let mut made = job::start_in(tx, &Request::by(Caller::owner()), new).await?;
                made.status = JobStatus::Interrupted;
                jobs::update(tx, &made).await?;
                Ok(made.job_id.to_string())
            })
        })
        .await
        .unwrap();
    store.close().await;
    id
}

async fn expired(server: &TestServer) -> Api {
    let store = server.store().await;
    let token = Token {
        id: 0,
        user_id: UserId::parse("olga").unwrap(),
        name: UserId::parse("old").unwrap(),
        scopes: Scope::ALL.to_vec(),
        kb_name: None,
        created_at: Timestamp::from_millis(0),
        expires_at: Some(Timestamp::from_millis(1_000)),
        last_used_at: None,
    };
    let digest = server::domain::secret::digest("tdg_expired");
    store
        .write(move |tx| Box::pin(async move { tokens::insert(tx, &token, &digest).await }))
        .await
        .unwrap();
    store.close().await;
    server.with_token("tdg_expired")
}
