//! Tokens of an outside issuer (JWT, RFC 7519), for applications that Tidings is a part of. RFC 8725 lists what can go wrong.

use app::protocol::Timestamp;
use app::protocol::people::Scope;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the keys of an issuer cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{option} {}: {why}", .file.display())]
pub struct IssuerError {
    option: &'static str,
    file: PathBuf,
    why: String,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile {
    /// A JWKS (RFC 7517), or a public key as PEM.
    Public(PathBuf),
    /// A secret of at least 32 bytes that is shared with the issuer.
    Secret(PathBuf),
}

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Another issuer whose tokens are accepted.
#[derive(Clone)]
pub struct Issuer {
    name: Arc<str>,
    audience: Option<Arc<str>>,
    keys: Arc<[Key]>,
    /// Whether its tokens speak for accounts that it did not make and that were never linked to it.
    speaks_for_all: bool,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The user, exactly as the issuer writes it.
    pub sub: String,
    /// What the token may be used for.
    pub scopes: Vec<Scope>,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Payload {
    /// One name: a list of issuers, some of them ours, is no JWT (RFC 7519, section 4.1.1).
    #[serde(rename = "iss")]
    _iss: String,
    sub: String,
    exp: i64,
    /// RFC 8693: names separated by spaces.
    scope: Option<String>,
}

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

impl Issuer {
    /// Reads the issuer's keys.
    pub fn read(name: &str, audience: Option<&str>, file: &KeyFile) -> Result<Self, IssuerError> {
        let (KeyFile::Public(path) | KeyFile::Secret(path)) = file;
        let option = match file {
            KeyFile::Public(_) => "--jwt-key",
            KeyFile::Secret(_) => "--jwt-secret-file",
        };
        let refuse = |why: String| IssuerError {
            option,
            file: path.clone(),
            why,
        };
        let bytes = std::fs::read(path).map_err(|why| refuse(format!("it cannot be read: {why}")))?;
        // Editors put a byte order mark before text, and blank lines around it; keys have neither.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii();
        let keys = match file {
            KeyFile::Public(_) => public_keys(text),
            KeyFile::Secret(_) => secret(text),
        };
        Ok(Self {
            name: name.into(),
            audience: audience.map(Into::into),
            keys: keys.map_err(refuse)?.into(),
            speaks_for_all: false,
        })
    }

    /// Lets its tokens speak for every account of the same name, also those that were made here.
    #[must_use]
    pub fn speaking_for_all(self, speaks_for_all: bool) -> Self {
        Self { speaks_for_all, ..self }
    }

    /// Its name, the `iss` of its tokens.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether its tokens speak for an account that is linked to this issuer, or to none.
    pub fn speaks_for(&self, linked: Option<&str>) -> bool {
        self.speaks_for_all || linked == Some(&*self.name)
    }

    /// What a token says; none where it is not this issuer's, not for this server, or no longer valid.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        // It demands that something be understood that is not (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return None;
        }
        // What the token says of its algorithm counts only among those of the key: never `none`, and never a public key
        // taken for a shared secret.
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&*self.name]);
        validation.validate_nbf = true;
        // A token that names an audience is for that one only (RFC 7519, section 4.1.3): without an audience of its own, the
        // server accepts no such token.
        let mut required = vec!["exp", "iss", "sub"];
        if let Some(audience) = &self.audience {
            validation.set_audience(&[&**audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        let named = |key: &&Key| header.kid.is_none() || key.id.is_none() || key.id == header.kid;
        let mut candidates = self.keys.iter().filter(named).filter(|key| key.algorithms.contains(&header.alg));
        let payload = candidates
            .find_map(|key| decode::<Payload>(token, &key.key, &validation).ok())?
            .claims;
        let scopes = match payload.scope {
            Some(names) => names.split_whitespace().filter_map(Scope::parse).collect(),
            None => vec![Scope::Read, Scope::Write, Scope::Notify],
        };
        Some(Claims {
            sub: payload.sub,
            scopes,
            // `decode` allows for clocks that differ a little; a connection ends when the token says.
            expires_at: Timestamp::from_millis(payload.exp.saturating_mul(1_000)),
        })
    }
}

/// What a file holds, by how it begins.
enum Content {
    Json(Value),
    Pem,
    OpenSsh,
    Other,
}

fn content(text: &[u8]) -> Content {
    match text {
        _ if text.starts_with(b"-----BEGIN") => Content::Pem,
        _ if text.starts_with(b"ssh-") || text.starts_with(b"ecdsa-") => Content::OpenSsh,
        _ => serde_json::from_slice(text).map_or(Content::Other, |json: Value| match json {
            Value::Object(_) | Value::Array(_) => Content::Json(json),
            _ => Content::Other,
        }),
    }
}

/// The keys of a public document. One that is not recognised is refused: what anybody can read is no secret.
fn public_keys(text: &[u8]) -> Result<Vec<Key>, String> {
    match content(text) {
        Content::Pem => pem(text),
        Content::Json(json) => jwks(&json),
        Content::OpenSsh => Err("it is a key of OpenSSH; `ssh-keygen -e -m PKCS8 -f FILE` writes it as PEM".into()),
        Content::Other => {
            Err("it is neither a JWKS nor a public key in PEM. A secret that is shared with the issuer goes into --jwt-secret-file".into())
        }
    }
}

fn pem(text: &[u8]) -> Result<Vec<Key>, String> {
    let label = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let says = |word: &str| label.windows(word.len()).any(|part| part == word.as_bytes());
    if says("PRIVATE") {
        return Err("it is a private key, which only the issuer should have; name a file with its public key".into());
    }
    if says("CERTIFICATE") {
        return Err("it is a certificate; `openssl x509 -pubkey -noout -in FILE` writes its public key".into());
    }
    let key = |key: Result<DecodingKey, _>, algorithms: &[Algorithm]| {
        key.ok().map(|key| Key {
            id: None,
            algorithms: algorithms.to_vec(),
            key,
        })
    };
    key(DecodingKey::from_rsa_pem(text), &RSA)
        .or_else(|| key(DecodingKey::from_ec_pem(text), &[Algorithm::ES256, Algorithm::ES384]))
        .or_else(|| key(DecodingKey::from_ed_pem(text), &[Algorithm::EdDSA]))
        .map(|key| vec![key])
        .ok_or_else(|| "it is not a public key of RSA, EC or Ed25519 in PEM".into())
}

fn jwks(json: &Value) -> Result<Vec<Key>, String> {
    let Some(all) = json.get("keys").and_then(Value::as_array) else {
        return Err(match json {
            Value::Array(_) => "it is a list; a JWKS is an object: {\"keys\": […]}",
            _ if json.get("kty").is_some() => "it is a single JWK; put it into a set: {\"keys\": […]}",
            _ if json.get("jwks_uri").is_some() => "it is the configuration of an issuer; save the JWKS that its jwks_uri leads to",
            _ => "it is JSON, but not a JWKS: {\"keys\": […]}",
        }
        .into());
    };
    // Sets hold keys for other ends, and of kinds that are not known yet.
    let keys: Vec<Key> = all
        .iter()
        .filter_map(|key| Jwk::deserialize(key).ok())
        .filter_map(|key| from_jwk(&key))
        .collect();
    if keys.is_empty() {
        return Err("the JWKS has no public key that verifies signatures (RSA, EC on P-256 or P-384, Ed25519)".into());
    }
    Ok(keys)
}

/// The shortest shared secret, in bytes: as long as the digest of HS256 (RFC 7518, section 3.2).
const SECRET_BYTES: usize = 32;

fn secret(text: &[u8]) -> Result<Vec<Key>, String> {
    if !matches!(content(text), Content::Other) {
        return Err("it is a key or a JSON document, not a shared secret; a public key goes into --jwt-key".into());
    }
    if text.len() < SECRET_BYTES {
        return Err(format!(
            "the secret has {} bytes; it needs at least {SECRET_BYTES}, such as `openssl rand -hex 32` writes",
            text.len()
        ));
    }
    Ok(vec![Key {
        id: None,
        algorithms: vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
        key: DecodingKey::from_secret(text),
    }])
}

/// A key of a set, where it is one that verifies signatures.
fn from_jwk(jwk: &Jwk) -> Option<Key> {
    let common = &jwk.common;
    let is_for_signatures = common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature)
        && common
            .key_operations
            .as_ref()
            .is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !is_for_signatures {
        return None;
    }
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => RSA.to_vec(),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
        // A set of public keys is public: a shared secret has no place in it.
        _ => return None,
    };
    if let Some(only) = &common.key_algorithm {
        algorithms.retain(|algorithm| format!("{algorithm:?}") == only.to_string());
    }
    if algorithms.is_empty() {
        return None;
    }
    Some(Key {
        id: common.key_id.clone(),
        algorithms,
        key: DecodingKey::from_jwk(jwk).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use rcgen::KeyPair;
    use serde_json::json;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const NAME: &str = "https://app.example";

    fn read(content: impl AsRef<[u8]>, file: impl FnOnce(PathBuf) -> KeyFile, audience: Option<&str>) -> Result<Issuer, IssuerError> {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), content).unwrap();
        Issuer::read(NAME, audience, &file(named.path().into()))
    }

    fn issuer() -> Issuer {
        read(SECRET, KeyFile::Secret, None).unwrap()
    }

    fn token(algorithm: Algorithm, claims: &Value) -> String {
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
    }

    fn claims() -> Value {
        let exp = jiff::Timestamp::now().as_second() + 600;
        json!({"iss": "https://app.example", "sub": "ada", "exp": exp})
    }

    #[test]
    fn a_token_of_the_issuer_is_taken() {
        let verified = issuer().verify(&token(Algorithm::HS256, &claims())).unwrap();
        assert_eq!((verified.sub.as_str(), verified.scopes.len()), ("ada", 3));
        let mut limited = claims();
        limited["scope"] = json!("read something");
        assert_eq!(issuer().verify(&token(Algorithm::HS512, &limited)).unwrap().scopes, [Scope::Read]);
    }

    /// A key pair for ES256, and its public half as a JWK.
    fn key_pair(id: Option<&str>) -> (KeyPair, Value) {
        let pair = KeyPair::generate().unwrap();
        // An uncompressed point: 4, x, y.
        let (x, y) = pair.public_key_raw()[1..].split_at(32);
        let encode = |part| URL_SAFE_NO_PAD.encode(part);
        let mut jwk = json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
        if let Some(id) = id {
            jwk["kid"] = id.into();
        }
        (pair, jwk)
    }

    fn signed(pair: &KeyPair, header: Header) -> String {
        let key = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap();
        encode(&header, &claims(), &key).unwrap()
    }

    fn set(keys: &[&Value]) -> String {
        json!({ "keys": keys }).to_string()
    }

    #[test]
    fn every_other_token_is_refused() {
        let with = |name: &str, value: Value| {
            let mut changed = claims();
            changed[name] = value;
            token(Algorithm::HS256, &changed)
        };
        let good = token(Algorithm::HS256, &claims());
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        for (what, refused) in [
            ("another issuer", with("iss", json!("https://evil.example"))),
            ("expired", with("exp", json!(1_000))),
            ("not yet good", with("nbf", json!(jiff::Timestamp::now().as_second() + 3_600))),
            ("without an end", with("exp", Value::Null)),
            ("alg none", none.clone()),
            ("alg none with a signature", format!("{none}AAAA")),
            ("another signature", format!("{good}x")),
            ("cut", good[..good.len() - 10].to_owned()),
            ("nothing", "..".to_owned()),
        ] {
            assert_eq!(issuer().verify(&refused), None, "{what}");
        }
    }

    #[test]
    fn an_audience_that_is_asked_for_must_be_named() {
        let without_audience = issuer;
        let issuer = read(SECRET, KeyFile::Secret, Some("tidings")).unwrap();
        let with = |audience: Value| {
            let mut changed = claims();
            changed["aud"] = audience;
            issuer.verify(&token(Algorithm::HS256, &changed))
        };
        assert!(with(json!("tidings")).is_some() && with(json!(["others", "tidings"])).is_some());
        for other in [Value::Null, json!("others"), json!([]), json!(["others"]), json!(7)] {
            assert_eq!(with(other.clone()), None, "{other}");
        }
        assert_eq!(issuer.verify(&token(Algorithm::HS256, &claims())), None, "no audience at all");
        let mut for_others = claims();
        for_others["aud"] = json!("others");
        assert_eq!(
            without_audience().verify(&token(Algorithm::HS256, &for_others)),
            None,
            "for another application"
        );
    }

    #[test]
    fn a_header_that_must_be_understood_is_not() {
        let header = Header {
            crit: Some(vec!["b64".into()]),
            ..Header::new(Algorithm::HS256)
        };
        let token = encode(&header, &claims(), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
        assert_eq!(issuer().verify(&token), None);
    }

    #[test]
    fn the_subject_is_kept_as_it_was_written() {
        let mut changed = claims();
        changed["sub"] = json!(" ada");
        assert_eq!(issuer().verify(&token(Algorithm::HS256, &changed)).unwrap().sub, " ada");
    }

    #[test]
    fn a_key_is_found_by_its_id_or_by_trying_all() {
        let ((first, first_jwk), (second, second_jwk)) = (key_pair(Some("one")), key_pair(Some("two")));
        let issuer = read(set(&[&first_jwk, &second_jwk]), KeyFile::Public, None).unwrap();
        let header = |id: Option<&str>| Header {
            kid: id.map(Into::into),
            ..Header::new(Algorithm::ES256)
        };
        assert!(issuer.verify(&signed(&second, header(Some("two")))).is_some());
        assert!(
            issuer.verify(&signed(&second, header(None))).is_some(),
            "without an id all keys are tried"
        );
        assert_eq!(issuer.verify(&signed(&first, header(Some("two")))), None);
        assert_eq!(issuer.verify(&signed(&first, header(Some("three")))), None);
        let (stranger, _) = key_pair(None);
        assert_eq!(issuer.verify(&signed(&stranger, header(None))), None);
    }

    #[test]
    fn a_key_for_another_use_verifies_nothing() {
        let (pair, good) = key_pair(None);
        let (_, other) = key_pair(None);
        for (member, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt"])),
            ("alg", json!("ECDH-ES")),
            ("alg", json!("ES384")),
        ] {
            let mut jwk = good.clone();
            jwk[member] = value.clone();
            let issuer = read(set(&[&jwk, &other]), KeyFile::Public, None).unwrap();
            assert_eq!(
                issuer.verify(&signed(&pair, Header::new(Algorithm::ES256))),
                None,
                "{member}: {value}"
            );
        }
        let mut fitting = good;
        fitting["use"] = json!("sig");
        fitting["key_ops"] = json!(["verify"]);
        fitting["alg"] = json!("ES256");
        let issuer = read(set(&[&fitting]), KeyFile::Public, None).unwrap();
        assert!(issuer.verify(&signed(&pair, Header::new(Algorithm::ES256))).is_some());
    }

    #[test]
    fn a_public_document_is_never_a_secret() {
        let (pair, jwk) = key_pair(None);
        let pem = pair.public_key_pem();
        let set = set(&[&jwk]);
        // As editors and downloads leave it, it is still what it is.
        for good in [pem.clone(), format!("\n\n{pem}"), format!("\u{feff}{set}"), format!("\r\n {set}\n")] {
            let issuer = read(&good, KeyFile::Public, None).unwrap_or_else(|why| panic!("{good}: {why}"));
            let forged = encode(
                &Header::new(Algorithm::HS256),
                &claims(),
                &EncodingKey::from_secret(good.trim().as_bytes()),
            )
            .unwrap();
            assert_eq!(issuer.verify(&forged), None, "signed with the public document {good}");
            assert!(issuer.verify(&signed(&pair, Header::new(Algorithm::ES256))).is_some());
        }
        let oct = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(SECRET)});
        for (what, text, says) in [
            ("a bare JWK", jwk.to_string(), "single JWK"),
            ("a list of keys", json!([jwk]).to_string(), "it is a list"),
            ("a set of secrets", json!({"keys": [oct]}).to_string(), "no public key"),
            ("an empty set", json!({"keys": []}).to_string(), "no public key"),
            (
                "a configuration",
                json!({"issuer": NAME, "jwks_uri": "https://app.example/jwks"}).to_string(),
                "jwks_uri",
            ),
            (
                "a key of OpenSSH",
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ada@example".into(),
                "ssh-keygen",
            ),
            ("a private key", pair.serialize_pem(), "private key"),
            ("a certificate", pem.replace("PUBLIC KEY", "CERTIFICATE"), "certificate"),
            ("a secret", SECRET.into(), "--jwt-secret-file"),
            ("nothing", String::new(), "neither a JWKS"),
        ] {
            let refused = read(&text, KeyFile::Public, None).expect_err(what).to_string();
            assert!(refused.starts_with("--jwt-key ") && refused.contains(says), "{what}: {refused}");
        }
        for (what, text, says) in [
            ("a public key", pem.as_str(), "--jwt-key"),
            ("a set", set.as_str(), "--jwt-key"),
            ("31 bytes", &SECRET[1..], "31 bytes"),
            ("spaces", "                                        ", "0 bytes"),
        ] {
            let refused = read(text, KeyFile::Secret, None).expect_err(what).to_string();
            assert!(
                refused.starts_with("--jwt-secret-file ") && refused.contains(says),
                "{what}: {refused}"
            );
        }
    }
}
