//! REST as a program uses it.

use super::soon;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The API of one server.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    addr: SocketAddr,
    token: Option<String>,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub json: Value,
    pub text: String,
}

impl Answer {
    /// A header as text; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// Fails when the status is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails unless this is a problem of this kind, in the form of RFC 9457.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["type"], format!("/docs#{code}"));
        for member in ["title", "detail"] {
            assert!(
                self.json[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member} of {}",
                self.text
            );
        }
        self
    }

    /// The ids of the entries of a list, in order.
    pub fn ids(&self) -> Vec<&str> {
        self.json["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|item| item["entry_id"].as_str())
            .collect()
    }
}

impl Api {
    pub fn new(addr: SocketAddr) -> Self {
        Self {
            http: Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client without TLS"),
            addr,
            token: None,
        }
    }

    /// The same, asked with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The token that it sends.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A socket that was greeted.
    pub async fn listen(&self, query: &str) -> super::Client {
        self.try_listen(query).await.expect("a socket")
    }

    /// The same. An error where there is none.
    pub async fn try_listen(&self, query: &str) -> Result<super::Client, tungstenite::Error> {
        let stream = tokio::net::TcpStream::connect(self.addr).await?;
        let authorization = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = authorization.iter().map(|text| ("authorization", text.as_str())).collect();
        super::Client::over(stream, self.addr, query, &headers).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// A request that the caller completes.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(path));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request. An error means that no answer came.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        soon("an answer", async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let text = response.text().await?;
            Ok(Answer {
                status,
                headers,
                json: serde_json::from_str(&text).unwrap_or_default(),
                text,
            })
        })
        .await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let mut request = self.request(Method::POST, path);
        if path.contains("/api/pages/") {
            // As a page does.
            request = request.header("origin", self.origin());
        }
        self.send(request.json(&body)).await
    }

    /// The origin of the server's own pages.
    pub fn origin(&self) -> String {
        self.url("")
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Makes a knowledge base.
    pub async fn kb(&self, name: &str) {
        self.post("/api/kbs", json!({ "name": name })).await.expect(201);
    }

    /// Makes an entry in `notes`, and returns it.
    pub async fn note(&self, draft: Value) -> Value {
        self.post("/api/kbs/notes/entries", draft).await.expect(201).json
    }

    /// Where the log ends.
    pub async fn head(&self) -> u64 {
        self.get("/readyz").await.expect(200).json["head"].as_u64().expect("a number")
    }

    /// Waits until all that is in the log has been handed to who listens. Returns where the log ends.
    pub async fn settled(&self) -> u64 {
        soon("the hub to have published the log", async {
            loop {
                let ready = self.get("/readyz").await.expect(200).json;
                if ready["published"] == ready["head"] {
                    return ready["head"].as_u64().expect("a number");
                }
            }
        })
        .await
    }

    /// The cursor of the log's end.
    pub async fn cursor(&self) -> String {
        let ready = self.get("/readyz").await.expect(200).json;
        format!("{}:{}", ready["epoch"].as_str().expect("an epoch"), ready["head"])
    }

    /// The log's epoch.
    pub async fn epoch(&self) -> String {
        self.get("/readyz").await.expect(200).json["epoch"]
            .as_str()
            .expect("an epoch")
            .to_owned()
    }

    /// Whether the log keeps no event.
    pub async fn log_is_empty(&self) -> bool {
        self.get("/api/events").await.expect(200).json["items"] == json!([])
    }

    /// All events of the log after `since`, however many.
    pub async fn log(&self, mut since: u64) -> Vec<Value> {
        let mut all = vec![];
        loop {
            let piece = self.get(&format!("/api/events?since={since}&limit=1000")).await.expect(200).json;
            all.extend(piece["items"].as_array().expect("items").iter().cloned());
            since = piece["cursor"]["seq"].as_u64().expect("a number");
            if piece["head"] == since {
                return all;
            }
        }
    }
}
