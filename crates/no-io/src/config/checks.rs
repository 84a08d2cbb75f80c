//! The rules that the parameters of a configuration have to keep.

use crate::client_auth::jwt::Jwt;
use crate::client_auth::method::{BasicEncoding, ClientAuth};
use crate::config::parameters::Parameters;
use crate::config_error::ConfigError;
use crate::grammar;
use crate::printable::printable;

/// Returns the first rule that is broken.
pub(crate) fn check(parameters: &Parameters) -> Result<(), ConfigError> {
    check_credential("client_id", &parameters.client_id, parameters.lenient)?;
    if let Some(secret) = parameters.client_auth.secret() {
        check_credential("client_secret", secret.expose(), parameters.lenient)?;
    }
    check_raw_basic(parameters)?;
    check_requested(parameters)?;
    check_params(parameters)?;
    let grant_jwt = parameters.grant.jwt();
    for jwt in parameters.client_auth.jwt().into_iter().chain(grant_jwt) {
        check_claims(jwt)?;
    }
    check_size(parameters)
}

fn check_credential(parameter: &'static str, text: &str, lenient: bool) -> Result<(), ConfigError> {
    if text.is_empty() {
        return Err(ConfigError::Empty { parameter });
    }
    if text.ends_with(['\n', '\r']) {
        return Err(ConfigError::TrailingNewline { parameter });
    }
    if !lenient && !grammar::is_credential(text) {
        return Err(ConfigError::Character { parameter });
    }
    Ok(())
}

/// RFC 7617 §2: the first colon ends the id.
fn check_raw_basic(parameters: &Parameters) -> Result<(), ConfigError> {
    let is_raw = matches!(
        parameters.client_auth,
        ClientAuth::ClientSecretBasic(_, BasicEncoding::Raw)
    );
    match is_raw && parameters.client_id.contains(':') {
        true => Err(ConfigError::Character {
            parameter: "client_id",
        }),
        false => Ok(()),
    }
}

fn check_requested(parameters: &Parameters) -> Result<(), ConfigError> {
    if parameters.audience.as_ref().is_some_and(String::is_empty) {
        return Err(ConfigError::Empty {
            parameter: "audience",
        });
    }
    for token in &parameters.scope {
        if token.is_empty() {
            return Err(ConfigError::Empty { parameter: "scope" });
        }
        if !grammar::is_scope_token(token) {
            return Err(ConfigError::Character { parameter: "scope" });
        }
    }
    match parameters
        .resources
        .iter()
        .all(|uri| grammar::is_absolute_uri(uri))
    {
        true => Ok(()),
        false => Err(ConfigError::Resource),
    }
}

fn check_params(parameters: &Parameters) -> Result<(), ConfigError> {
    if parameters.grant.grant_type().is_empty() {
        return Err(ConfigError::Empty {
            parameter: "grant_type",
        });
    }
    let grant = parameters
        .grant
        .secret_params()
        .iter()
        .map(|(name, _)| name);
    let own = parameters.params.iter().map(|(name, _)| name);
    let mut names: Vec<&String> = grant.chain(own).collect();
    for name in &names {
        if name.is_empty() {
            return Err(ConfigError::Empty {
                parameter: "the name of a parameter",
            });
        }
        if grammar::is_reserved(name) {
            return Err(ConfigError::Reserved {
                parameter: printable(name, NAME_SHOWN),
            });
        }
    }
    let clashes =
        |name: &str| parameters.grant.secret_params().is_empty() && parameters.grant.sets(name);
    if let Some((name, _)) = parameters.params.iter().find(|(name, _)| clashes(name)) {
        return Err(ConfigError::Reserved {
            parameter: printable(name, NAME_SHOWN),
        });
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ConfigError::Repeated {
            parameter: printable(pair[0], NAME_SHOWN),
        }),
        None => Ok(()),
    }
}

/// RFC 7519 §4: the names of the claims are unique.
fn check_claims(jwt: &Jwt) -> Result<(), ConfigError> {
    let mut earlier: Vec<&str> = Vec::new();
    for (name, _) in &jwt.claims {
        let parameter = || name.to_owned();
        if OWN_CLAIMS.contains(&name.as_str()) {
            return Err(ConfigError::Reserved {
                parameter: parameter(),
            });
        }
        if earlier.contains(&name.as_str()) {
            return Err(ConfigError::Repeated {
                parameter: parameter(),
            });
        }
        earlier.push(name);
    }
    Ok(())
}

/// The claims that each assertion has (RFC 7523 §3).
const OWN_CLAIMS: [&str; 6] = ["iss", "sub", "aud", "jti", "iat", "exp"];

fn check_size(parameters: &Parameters) -> Result<(), ConfigError> {
    let sizes = parameters.sizes();
    let total: usize = sizes.iter().map(|(_, size)| size).sum();
    let largest = sizes.iter().max_by_key(|(_, size)| size);
    match largest {
        Some((parameter, _)) if total > SIZE_LIMIT => Err(ConfigError::TooLarge {
            parameter,
            limit: SIZE_LIMIT,
        }),
        _ => Ok(()),
    }
}

const NAME_SHOWN: usize = 64;

/// Far above what any server takes, far below what would hurt.
const SIZE_LIMIT: usize = 64 * 1024;
