//! Gets tokens without a client secret: with a private key, and with a file that a platform rotates.
//!
//! A local Experience Edge plays the server. It knows the public halves of two key pairs: the client's own, and that of
//! a platform, such as a Kubernetes cluster, which writes an assertion for the client into a file.
//!
//! ```sh
//! cargo run --example secretless
//! cargo run --example secretless -- key.pem    # with a private key of your own
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;
use std::path::Path;
use std::{env, fs, process};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_keys::{AssertionFile, PrivateKey};
use edge_oauth_local::{AUDIENCE, Client, LocalEdge, Options};
use edge_oauth_ureq::{
    ClientAuth, Config, ConfigError, Purpose, SecretBytes, Signer, ToSign, TokenSource,
    UreqTransport,
};
use experience_edge_api::ExperienceEdge;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

const CLIENT_ID: &str = "cart";
const ISSUER: &str = "https://cluster.example";
const SUBJECT: &str = "system:serviceaccount:shop:cart";

fn main() -> Result<(), Box<dyn Error>> {
    let own = match env::args_os().nth(1) {
        Some(path) => read_key(Path::new(&path))?,
        None => new_key()?,
    };
    let platform = new_key()?;
    let client = Client::without_secret(CLIENT_ID)
        .public_key(&own.public_jwk())?
        .trusted_issuer(ISSUER, SUBJECT, &platform.public_jwk())?;
    let edge = LocalEdge::start_with(Options::default().client(client))?;

    println!("With a private key (private_key_jwt). The server knows the public half:");
    println!("  {}", own.public_jwk());
    with_private_key(&edge, own)?;

    println!("With the assertion of a platform, in a file that is rotated:");
    let folder = env::temp_dir().join(format!("edge-oauth-secretless-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = with_rotated_file(&edge, &platform, &folder.join("token"));
    fs::remove_dir_all(&folder)?;
    outcome?;

    println!("Token requests: {}", edge.served().token_requests);
    Ok(())
}

/// Reads the key of the first argument.
fn read_key(path: &Path) -> Result<PrivateKey, String> {
    let named = |error: &dyn Error| {
        let path = path.display();
        format!(
            "the key file {path}: {error}; openssl genpkey makes one, as the guide on clients without a secret shows"
        )
    };
    let pem = fs::read(path).map_err(|error| named(&error))?;
    PrivateKey::from_pem(pem).map_err(|error| named(&error))
}

/// The key is sent nowhere. It signs a new assertion for each token request.
fn with_private_key(edge: &LocalEdge, key: PrivateKey) -> Result<(), Box<dyn Error>> {
    let config = config(edge, ClientAuth::PrivateKeyJwt(key.assertion()))?;
    let source = TokenSource::builder(config)
        .signer(key)
        .build(UreqTransport::new());
    call(edge, &source)
}

/// The file is read for each token request, so nothing has to be restarted when the platform replaces it.
fn with_rotated_file(
    edge: &LocalEdge,
    platform: &PrivateKey,
    path: &Path,
) -> Result<(), Box<dyn Error>> {
    rotate(edge, platform, path)?;
    let source = TokenSource::builder(config(edge, ClientAuth::Assertion)?)
        .assertion_source(AssertionFile::new(path))
        .build(UreqTransport::new());
    call(edge, &source)?;

    rotate(edge, platform, path)?;
    source.refresh()?; // for the example: a source refreshes by itself before its token expires
    call(edge, &source)
}

fn config(edge: &LocalEdge, auth: ClientAuth) -> Result<Config, ConfigError> {
    Config::builder(edge.token_url(), CLIENT_ID)
        .client_auth(auth)
        .audience(AUDIENCE)
        .build()
}

/// Calls a protected API.
fn call(edge: &LocalEdge, source: &TokenSource) -> Result<(), Box<dyn Error>> {
    let settings = source.call(&ExperienceEdge::at(edge.base_url())?.settings())?;
    let ttl = settings.content_cache_ttl();
    println!("  the API takes the token, and says that content is cached for {ttl:?}\n");
    Ok(())
}

/// The platform's part: it replaces the file by one with a new assertion, in one step.
fn rotate(edge: &LocalEdge, platform: &PrivateKey, path: &Path) -> Result<(), Box<dyn Error>> {
    let now = edge_oauth_driver::system_time().wall.as_secs();
    let header = format!(
        r#"{{"alg":"{}","kid":"{}"}}"#,
        platform.algorithm().as_str(),
        platform.key_id()
    );
    let claims = format!(
        r#"{{"iss":"{ISSUER}","sub":"{SUBJECT}","aud":["{}"],"iat":{now},"exp":{}}}"#,
        edge.token_url(),
        now + 3600
    );
    let input = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = input.join(".");
    let bytes = SecretBytes::new(input.clone().into_bytes());
    let to_sign = ToSign::new(Purpose::ClientAuth, platform.algorithm(), None, bytes);
    let signature = URL_SAFE_NO_PAD.encode(platform.sign(&to_sign)?);

    let next = path.with_extension("next");
    fs::write(&next, format!("{input}.{signature}\n"))?;
    fs::rename(next, path)?;
    Ok(())
}

fn new_key() -> Result<PrivateKey, Box<dyn Error>> {
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| "the system gave no random bytes")?;
    Ok(PrivateKey::from_der(pkcs8.as_ref())?)
}
