//! Tokens of an outside issuer (JWT, RFC 7519), for applications that Tidings is a part of.

use app::protocol::Timestamp;
use app::protocol::people::Scope;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the keys of an issuer cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("--jwt-key {}: {why}", .file.display())]
pub struct IssuerError {
    file: PathBuf,
    why: String,
}

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Another issuer whose tokens are taken.
#[derive(Clone)]
pub struct Issuer {
    issuer: Arc<str>,
    audience: Option<Arc<str>>,
    keys: Arc<[Key]>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who it is.
    pub sub: String,
    /// What they may use it for.
    pub scopes: Vec<Scope>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Payload {
    sub: String,
    exp: i64,
    /// RFC 8693: names with spaces between them.
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
    /// Reads the issuer's keys: a public key as PEM, a JWKS, or else the bytes of a shared secret of at least 32 bytes.
    pub fn read(issuer: &str, audience: Option<&str>, file: &Path) -> Result<Self, IssuerError> {
        let refuse = |why: String| IssuerError { file: file.into(), why };
        let bytes = std::fs::read(file).map_err(|why| refuse(format!("it cannot be read: {why}")))?;
        let keys = keys(&bytes).map_err(refuse)?;
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.map(Into::into),
            keys: keys.into(),
        })
    }

    /// What a token says; none where it is not this issuer's, not for us, or no longer good.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        let key = self.keys.iter().find(|key| {
            let named = header.kid.is_none() || key.id.is_none() || key.id == header.kid;
            named && key.algorithms.contains(&header.alg)
        })?;
        // What the token says of its algorithm counts only among those of the key: never `none`, and never a public key
        // taken for a shared secret.
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&*self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_nbf = true;
        match &self.audience {
            Some(audience) => validation.set_audience(&[&**audience]),
            None => validation.validate_aud = false,
        }
        let payload = decode::<Payload>(token, &key.key, &validation).ok()?.claims;
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

fn keys(bytes: &[u8]) -> Result<Vec<Key>, String> {
    if let Ok(set) = serde_json::from_slice::<JwkSet>(bytes) {
        let keys: Vec<Key> = set.keys.iter().filter_map(from_jwk).collect();
        return if keys.is_empty() {
            Err("the JWKS has no key that can verify a signature".into())
        } else {
            Ok(keys)
        };
    }
    if bytes.starts_with(b"-----BEGIN") {
        let pem = |key: Result<DecodingKey, _>, algorithms: &[Algorithm]| {
            key.ok().map(|key| Key {
                id: None,
                algorithms: algorithms.to_vec(),
                key,
            })
        };
        return pem(DecodingKey::from_rsa_pem(bytes), &RSA)
            .or_else(|| pem(DecodingKey::from_ec_pem(bytes), &[Algorithm::ES256, Algorithm::ES384]))
            .or_else(|| pem(DecodingKey::from_ed_pem(bytes), &[Algorithm::EdDSA]))
            .map(|key| vec![key])
            .ok_or_else(|| "it is no public key of RSA, EC or Ed25519 in PEM".into());
    }
    let secret = bytes.trim_ascii();
    if secret.len() < 32 {
        return Err("it is neither a JWKS nor a public key in PEM, and too short for a shared secret (32 bytes)".into());
    }
    Ok(vec![Key {
        id: None,
        algorithms: vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
        key: DecodingKey::from_secret(secret),
    }])
}

fn from_jwk(jwk: &jsonwebtoken::jwk::Jwk) -> Option<Key> {
    let algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => RSA.to_vec(),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(_) => vec![Algorithm::EdDSA],
        // A set of public keys is public: a shared secret has no place in it.
        _ => return None,
    };
    Some(Key {
        id: jwk.common.key_id.clone(),
        algorithms,
        key: DecodingKey::from_jwk(jwk).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn issuer() -> Issuer {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), SECRET).unwrap();
        Issuer::read("https://app.example", None, file.path()).unwrap()
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
}
