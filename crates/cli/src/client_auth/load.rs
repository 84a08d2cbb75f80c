//! Reads the files and variables of a plan.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_driver::{AssertionSource, Signer, system_time};
use edge_oauth_keys::{AssertionCallback, AssertionFile, AssertionVariable, HmacKey, PrivateKey};
use edge_oauth_no_io::{ClientAuth, CredentialError, Grant, Secret};

use crate::client_auth::certificate::Pair;
use crate::client_auth::credentials::{Credentials, Parts};
use crate::client_auth::form::Signing;
use crate::client_auth::layers::Place;
use crate::client_auth::plan::{CLIENT_ASSERTION, Client, GrantPlan, KeyPlan, Plan, SecretUse};
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::input::secret;
use crate::origin::Origin;

/// The client's and the grant's part of a configuration.
pub(crate) struct Loaded {
    pub(crate) client_auth: ClientAuth,
    pub(crate) grant: Grant,
    /// Parameters beside the grant.
    pub(crate) params: Vec<(String, Secret)>,
    pub(crate) credentials: Credentials,
    /// The client secret and its place, if there is one.
    pub(crate) secret: Option<(Secret, Origin)>,
}

impl Plan {
    /// Reads the credentials. `ready` is called before a person is asked.
    pub(crate) fn load(
        &self,
        time: Duration,
        ready: &dyn Fn() -> Result<(), CliError>,
    ) -> Result<Loaded, CliError> {
        let mut parts = Parts::default();
        if let Some(plan) = &self.key {
            let (key, text) = read_key(plan, time)?;
            parts.secrets.push(text);
            parts.read.key = Some(key);
        }
        let key = parts.read.key.clone();
        let mut client_secret = None;
        match &self.client {
            Client::None => {}
            Client::Secret(usage, place) => {
                let (secret, origin) = secret::read(place.as_ref(), time, ready)?;
                parts.has_client_secret = true;
                parts.secrets.push(secret.clone());
                if let SecretUse::Jwt { key_id } = usage {
                    parts.client_signer = Some(Box::new(hmac_key(&secret, key_id.as_deref())?));
                }
                client_secret = Some((secret, origin));
            }
            Client::Key => parts.client_signer = boxed(key.as_ref()),
            Client::Assertion(place) => {
                let (source, text) = source(CLIENT_ASSERTION, place, time)?;
                parts.client_assertion = Some(source);
                parts.secrets.push(text.clone());
                parts.read.client_assertion = Some(text);
            }
            Client::Certificate { certificate, key } => {
                let pair = Pair::read(certificate, key, time)?;
                parts.secrets.push(pair.key_text.clone());
                parts.certificate = Some(pair.client_cert()?);
                parts.read.pair = Some(pair);
            }
        }
        let mut params = self.read_params(time)?;
        let values = params.iter().map(|(_, value)| value.clone());
        parts.secrets.extend(values);
        match &self.grant {
            GrantPlan::ClientCredentials | GrantPlan::Extension(_) => {}
            GrantPlan::SignedJwtBearer => parts.grant_signer = boxed(key.as_ref()),
            GrantPlan::JwtBearer(place) => parts.read_grant("grant assertion", place, time)?,
            GrantPlan::TokenExchange { subject, .. } => {
                parts.read_grant("subject token", subject, time)?;
            }
        }
        let none = Secret::new("");
        let secret = client_secret.as_ref().map_or(&none, |(secret, _)| secret);
        let signing = Signing::By(key.as_ref());
        Ok(Loaded {
            client_auth: self.client_auth(secret, signing),
            grant: self.grant(&mut params, signing),
            params,
            credentials: Credentials::new(parts),
            secret: client_secret,
        })
    }

    /// Reads the parameters, which are part of the cache's key.
    pub(crate) fn read_params(&self, time: Duration) -> Result<Vec<(String, Secret)>, CliError> {
        let params = self.params.iter();
        let params =
            params.map(|(name, place)| Ok((name.clone(), text_of("parameter", place, time)?)));
        params.collect()
    }
}

impl Parts {
    fn read_grant(&mut self, kind: &str, place: &Place, time: Duration) -> Result<(), CliError> {
        let (source, text) = source(kind, place, time)?;
        self.grant_assertion = Some(source);
        self.secrets.push(text.clone());
        self.read.grant_assertion = Some(text);
        Ok(())
    }
}

fn boxed(key: Option<&PrivateKey>) -> Option<Box<dyn Signer>> {
    Some(Box::new(key?.clone()))
}

fn hmac_key(secret: &Secret, key_id: Option<&str>) -> Result<HmacKey, CliError> {
    let key = HmacKey::new(secret.clone()).map_err(|error| {
        let message = format!("the client secret cannot sign with HS256: {error}");
        CliError::new(Exit::Credentials, message)
            .next("use --client-auth client-secret-post, or a longer secret")
    })?;
    Ok(match key_id {
        Some(key_id) => key.with_key_id(key_id),
        None => key,
    })
}

/// Reads the key that signs, and the text of its file.
pub(crate) fn read_key(plan: &KeyPlan, time: Duration) -> Result<(PrivateKey, Secret), CliError> {
    let bytes = secret::read_file("key file", &plan.file, time)?;
    let start = bytes.trim_ascii_start();
    let text = std::str::from_utf8(&bytes);
    let key = match (start.first(), &text) {
        (Some(b'{'), _) => PrivateKey::from_jwk(start),
        (_, Ok(_)) => PrivateKey::from_pem(&*bytes),
        (_, Err(_)) => PrivateKey::from_der(&*bytes),
    };
    let key = key.and_then(|key| match plan.algorithm {
        Some(algorithm) => key.with_algorithm(algorithm),
        None => Ok(key),
    });
    let key = key.map_err(|error| {
        let message = format!("the key file {}: {error}", plan.file.display());
        CliError::new(Exit::Credentials, message)
            .next("use another --key-file or another --alg; openssl pkey -in FILE -noout -text shows the kind of a key")
    })?;
    let key = match &plan.key_id {
        Some(key_id) => key.with_key_id(key_id),
        None => key,
    };
    let text = match text {
        Ok(text) => Secret::new(text.trim_end()),
        Err(_) => Secret::new(STANDARD.encode(&*bytes)),
    };
    Ok((key, text))
}

/// Returns a source that reads the file again for each request, since a platform may replace it, or runs the command
/// again. A pipe is read once.
fn source(
    kind: &str,
    place: &Place,
    time: Duration,
) -> Result<(Box<dyn AssertionSource>, Secret), CliError> {
    let text = text_of(kind, place, time)?;
    let kept = text.clone();
    let source: Box<dyn AssertionSource> = match place {
        Place::File(path) if is_regular(path) => Box::new(AssertionFile::new(path)),
        Place::Variable(name) => Box::new(AssertionVariable::new(name)),
        Place::File(_) => Box::new(AssertionCallback::new(move |_| Ok(kept.clone()))),
        Place::Command(line) => {
            let (kind, line) = (kind.to_owned(), line.clone());
            // The run that showed that the command works is the one of the first request.
            let first = Mutex::new(Some((kept, system_time().after(AT_ONCE))));
            Box::new(AssertionCallback::new(move |_| {
                let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
                match first {
                    Some((text, end)) if system_time().monotonic <= end.monotonic => Ok(text),
                    _ => {
                        secret::read_command(&kind, &line, time).map_err(CredentialError::permanent)
                    }
                }
            }))
        }
    };
    Ok((source, text))
}

fn is_regular(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Reads an assertion, a token or a parameter's value.
pub(crate) fn text_of(kind: &str, place: &Place, time: Duration) -> Result<Secret, CliError> {
    match place {
        Place::File(path) => secret::read_text_file(kind, path, time),
        Place::Command(line) => secret::read_command(kind, line, time),
        Place::Variable(name) => match variable(name)? {
            Some(text) => Ok(Secret::new(text.trim_end_matches(['\r', '\n']))),
            None => {
                let message =
                    format!("the variable {name}, which is to have the {kind}, is not set");
                Err(CliError::new(Exit::Credentials, message)
                    .next(format!("set {name}, or name another variable")))
            }
        },
    }
}

/// The age up to which an assertion is new: some are valid for half a minute.
const AT_ONCE: Duration = Duration::from_secs(5);
