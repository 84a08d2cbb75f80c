//! Private keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::Algorithm;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use zeroize::Zeroizing;

use crate::error::{KeyError, invalid, missing, not_private, unsupported};
use crate::json::Object;
use crate::key_pair::{Curve, KeyPair};
use crate::pem::without_mark;

/// A private key with what the JWK says of its use.
pub(crate) struct Jwk {
    pub(crate) pair: KeyPair,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) key_id: Option<String>,
}

pub(crate) fn private_key(text: &[u8]) -> Result<Jwk, KeyError> {
    let object =
        Object::read(without_mark(text)).ok_or(not_private("a text that is not a JSON object"))?;
    let jwk = Members(&object);
    if object.get("keys").is_some() {
        return Err(not_private(
            "a JWK set, whose keys are to be passed one by one,",
        ));
    }
    if object.text("use").is_some_and(|purpose| purpose != "sig") {
        return Err(unsupported("a key whose `use` is not `sig`"));
    }
    let pair = match object.text("kty") {
        Some("RSA") => jwk.rsa()?,
        Some("EC") => jwk.ec()?,
        Some("OKP") => jwk.okp()?,
        Some("oct") => {
            return Err(not_private("a shared secret, which `HmacKey` takes,"));
        }
        Some(_) => {
            return Err(unsupported("a JWK of another type"));
        }
        None => {
            return Err(missing(r#"the member "kty""#));
        }
    };
    let algorithm = object.text("alg").map(algorithm).transpose()?;
    Ok(Jwk {
        pair,
        algorithm,
        key_id: object.text("kid").map(str::to_owned),
    })
}

struct Members<'a>(&'a Object);

type Bytes = Zeroizing<Vec<u8>>;

impl Members<'_> {
    fn rsa(&self) -> Result<KeyPair, KeyError> {
        let (n, e) = (
            self.bytes("n", r#"the member "n""#)?,
            self.bytes("e", r#"the member "e""#)?,
        );
        let d = self.private()?;
        // RFC 7518 §6.3.2 lets a JWK have `d` alone; ring signs with the primes.
        let part = |name| {
            self.bytes(
                name,
                r#"its primes (the members "p", "q", "dp", "dq" and "qi")"#,
            )
        };
        let (p, q, dp, dq, qi) = (
            part("p")?,
            part("q")?,
            part("dp")?,
            part("dq")?,
            part("qi")?,
        );
        if self.0.get("oth").is_some() {
            return Err(unsupported("an RSA key of more than two primes"));
        }
        KeyPair::rsa(&KeyPairComponents {
            public_key: PublicKeyComponents { n: &n, e: &e },
            d: &d,
            p: &p,
            q: &q,
            dP: &dp,
            dQ: &dq,
            qInv: &qi,
        })
    }

    fn ec(&self) -> Result<KeyPair, KeyError> {
        let curve = match self.0.text("crv") {
            Some("P-256") => Curve::P256,
            Some("P-384") => Curve::P384,
            Some("P-521") => {
                return Err(unsupported("an EC key on P-521"));
            }
            Some(_) => {
                return Err(unsupported("an EC key on another curve"));
            }
            None => {
                return Err(missing(r#"the member "crv""#));
            }
        };
        let (x, y) = (
            self.bytes("x", r#"the member "x""#)?,
            self.bytes("y", r#"the member "y""#)?,
        );
        let point = [&[4], x.as_slice(), &y].concat();
        KeyPair::ec(curve, &self.private()?, &point)
    }

    fn okp(&self) -> Result<KeyPair, KeyError> {
        match self.0.text("crv") {
            Some("Ed25519") => {
                let x = self.bytes("x", r#"the member "x""#)?;
                KeyPair::ed25519(&self.private()?, Some(&x))
            }
            Some("X25519") => Err(unsupported("an X25519 key, which cannot sign")),
            Some("Ed448") => Err(unsupported("an Ed448 key")),
            Some(_) => Err(unsupported("a key on another curve")),
            None => Err(missing(r#"the member "crv""#)),
        }
    }

    fn private(&self) -> Result<Bytes, KeyError> {
        if self.0.get("d").is_none() {
            return Err(not_private("a public key"));
        }
        self.bytes("d", r#"the member "d""#)
    }

    fn bytes(&self, name: &str, part: &'static str) -> Result<Bytes, KeyError> {
        let text = self.0.text(name).ok_or(KeyError::Missing { part })?;
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| invalid("a member is not base64url without padding"))?;
        Ok(Zeroizing::new(bytes))
    }
}

fn algorithm(name: &str) -> Result<Algorithm, KeyError> {
    let known = [
        Algorithm::Rs256,
        Algorithm::Ps256,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
    ];
    // RFC 9864 gives Ed25519 a name of its own.
    if name == "Ed25519" {
        return Ok(Algorithm::EdDsa);
    }
    let mut known = known.into_iter();
    known
        .find(|algorithm| algorithm.as_str() == name)
        .ok_or(unsupported(
            "a JWK whose `alg` is not RS256, PS256, ES256, ES384 or EdDSA",
        ))
}
