//! How a server is reached: by TLS, behind a proxy, with tokens of another issuer.

use crate::common::{Api, TestServer, soon};
use app::protocol::people::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::{Auth, Config};
use server::domain::person::{Issuer, KeyFile};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn local() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[tokio::test]
async fn it_speaks_tls_and_a_browser_keeps_its_cookie_to_that() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = TestServer::with(|data| Config {
        auth: Auth::Required,
        tls: Some((cert.clone(), key.clone())),
        ..Config::open(local(), data.into())
    })
    .await;
    assert!(server.claim().unwrap().starts_with("https://"));
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    // One that never agrees on keys is in nobody's way.
    let _silent = TcpStream::connect(server.addr()).await.unwrap();
    let ask = async |request: String| {
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![];
        // A server that closes without saying so by TLS is fine here.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    let path = server
        .claim()
        .unwrap()
        .split_once("/claim/")
        .map(|(_, secret)| format!("/claim/{secret}"))
        .unwrap();
    let body = "user=olga&password=correct+horse+battery";
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = soon("an answer", ask(request)).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 303") && answer.contains("; secure"), "{answer}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_refused_by_its_name() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"no certificate").unwrap();
    let path = file.path().to_owned();
    for (cert, key) in [(path.clone(), path.clone()), ("/nowhere/cert.pem".into(), path)] {
        let why = server::http::listen::tls(&cert, &key).err().expect("it is refused");
        assert!(why.contains("--tls-cert") && why.contains(&cert.display().to_string()), "{why}");
    }
}

#[tokio::test]
async fn a_person_of_another_issuer_is_known_as_a_member() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let secret = "a secret that two servers share, and nobody else";
    file.write_all(secret.as_bytes()).unwrap();
    let issuer = Issuer::read("https://app.example", Some("tidings"), &KeyFile::Secret(file.path().into())).unwrap();
    let server = TestServer::with(|data| Config {
        auth: Auth::Required,
        issuer: Some(issuer.clone()),
        ..Config::open(local(), data.into())
    })
    .await;
    let olga = server.person("olga", Role::Owner).await;
    let token = |claims: Value| {
        let mut all =
            json!({"iss": "https://app.example", "aud": "tidings", "sub": "bob", "exp": jiff::Timestamp::now().as_second() + 300});
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let token = encode(&Header::new(Algorithm::HS256), &all, &EncodingKey::from_secret(secret.as_bytes())).unwrap();
        server.with_token(&token)
    };
    let bob = token(json!({}));
    let me = bob.get("/api/me").await.expect(200).json;
    assert_eq!(
        (&me["user_id"], &me["role"], &me["known_by"]),
        (&json!("bob"), &json!("member"), &json!("issuer"))
    );
    assert!(me["expires_at"].is_string(), "{me}");
    bob.get("/api/invitations").await.expect_problem(403, "forbidden");
    bob.get("/api/kbs").await.expect(200);
    for refused in [
        json!({"aud": "others"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": 1_000}),
        json!({"sub": "A B"}),
    ] {
        token(refused).get("/api/me").await.expect_problem(401, "unauthenticated");
    }
    // A token of the issuer does not become an account that was made here, until its owner links the two.
    let of_olga = token(json!({"sub": "olga"}));
    let refused = of_olga.get("/api/me").await.expect_problem(401, "unauthenticated");
    assert!(refused.text.contains("not linked"), "{}", refused.text);
    for other in [&bob, &token(json!({"sub": "olga", "exp": 1_000}))] {
        let body = json!({"token": other.token().unwrap()});
        olga.put("/api/me/issuer", body).await.expect_problem(422, "invalid_value");
    }
    olga.put("/api/me/issuer", json!({"token": of_olga.token().unwrap()}))
        .await
        .expect(204);
    assert_eq!(of_olga.get("/api/me").await.expect(200).json["role"], "owner");
    olga.delete("/api/me/issuer").await.expect(204);
    of_olga.get("/api/me").await.expect_problem(401, "unauthenticated");
    // Who was removed here stays so, whatever the issuer says.
    olga.delete("/api/users/bob").await.expect(204);
    bob.get("/api/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_trusted_proxy_says_who_asks_and_what_it_was_asked() {
    let server = TestServer::with(|data| Config {
        auth: Auth::Required,
        trust_proxy: true,
        allowed_origins: vec!["https://notes.example".into()],
        ..Config::open(local(), data.into())
    })
    .await;
    // Each time another account, so that only the address counts.
    let tries = std::cell::Cell::new(0);
    let try_from = |address: &'static str| {
        tries.set(tries.get() + 1);
        let api: &Api = &server;
        let request = api
            .request(Method::POST, "/api/login")
            .header("x-forwarded-for", format!("6.6.6.6, {address}"))
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "notes.example")
            .header("origin", "https://notes.example");
        api.send(request.json(&json!({"user": format!("nobody-{}", tries.get()), "password": "wrong"})))
    };
    for _ in 0..5 {
        try_from("192.0.2.1").await.expect_problem(401, "wrong_password");
    }
    try_from("192.0.2.1").await.expect_problem(429, "too_many_requests");
    try_from("192.0.2.2").await.expect_problem(401, "wrong_password");
    // Whoever guesses at olga's account elsewhere does not keep her out.
    let store = server.store().await;
    let request = server::domain::mutation::Request::by(server::domain::Caller::owner());
    let password = "correct horse battery";
    server::domain::person::add(&store, &request, "olga", Some(password.into()), Role::Owner)
        .await
        .unwrap();
    store.close().await;
    let as_olga = |address: &'static str, password: &'static str| {
        let request = server.request(Method::POST, "/api/login").header("x-forwarded-for", address);
        let api: &Api = &server;
        api.send(request.json(&json!({"user": "olga", "password": password})))
    };
    for _ in 0..6 {
        as_olga("192.0.2.66", "wrong").await;
    }
    as_olga("192.0.2.66", password).await.expect_problem(429, "too_many_requests");
    as_olga("192.0.2.7", password).await.expect(200);
    let stranger = server.request(Method::GET, "/login").header("x-forwarded-host", "evil.example");
    server.send(stranger).await.expect_problem(403, "foreign_origin");
}
