//! Accounts, and what one comes in with.

mod accounts;
mod browsers;

use crate::common::{Answer, Api, TestServer};
use app::protocol::people::Role;
use reqwest::Method;
use serde_json::{Value, json};
use server::domain::person;

const PASSWORD: &str = "correct horse battery";

/// A browser, with its cookie.
#[derive(Clone)]
struct Browser {
    api: Api,
    cookie: String,
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

impl Browser {
    async fn get(&self, path: &str) -> Answer {
        self.api.send(self.request(Method::GET, path)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.api.request(method, path).header("cookie", &self.cookie)
    }

    /// A request that changes something, with what a browser adds to it.
    fn change(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path).header("origin", self.api.origin())
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.api.send(self.change(Method::POST, path).json(&body)).await
    }

    async fn listen(&self) -> crate::common::Client {
        let addr = self.api.addr();
        let stream = tokio::net::TcpStream::connect(addr).await.unwrap();
        crate::common::Client::over(stream, addr, "", &[("cookie", &self.cookie)])
            .await
            .unwrap()
    }
}

async fn form(api: &Api, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
        .collect();
    let request = api
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded");
    api.send(request.body(body.join("&"))).await
}

async fn log_in(api: &Api, user: &str, password: &str) -> Browser {
    let answer = api
        .post("/api/login", json!({"user": user, "password": password}))
        .await
        .expect(200);
    Browser {
        api: api.clone(),
        cookie: cookie_of(&answer),
    }
}

/// A server with an owner who has a password.
async fn with_olga() -> TestServer {
    let server = TestServer::guarded().await;
    let store = server.store().await;
    let request = server::domain::mutation::Request::by(server::domain::Caller::owner());
    person::add(&store, &request, "olga", Some(PASSWORD.into()), Role::Owner)
        .await
        .unwrap();
    store.close().await;
    server
}
