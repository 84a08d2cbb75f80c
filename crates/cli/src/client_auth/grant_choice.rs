//! The choice of the grant and its options.

use crate::client_auth::layers::{Given, Layers, Place, conflict};
use crate::client_auth::names;
use crate::client_auth::plan::GrantPlan;
use crate::client_auth::values::GrantArg;
use crate::error::{CliError, Exit};

/// The grant, and the options that decided.
pub(super) struct GrantChoice {
    pub(super) plan: GrantPlan,
    pub(super) grant: Option<Given<GrantArg>>,
    /// The option that names the grant's own credential.
    pub(super) credential: Option<Given<()>>,
}

/// Chooses the grant. An option of another grant is an error, unless it is of a lower layer than `--grant`.
pub(super) fn choose_grant(layers: &Layers<'_>) -> Result<GrantChoice, CliError> {
    let grant = layers.get(names::GRANT, |args| &args.grant);
    let assertion = layers.place(
        (names::GRANT_ASSERTION_FILE, |args| {
            &args.grant_assertion_file
        }),
        (names::GRANT_ASSERTION_ENV, |args| &args.grant_assertion_env),
    )?;
    let subject = layers.place(
        (names::SUBJECT_TOKEN_FILE, |args| &args.subject_token_file),
        (names::SUBJECT_TOKEN_ENV, |args| &args.subject_token_env),
    )?;
    let subject_type = layers.get(names::SUBJECT_TOKEN_TYPE, |args| &args.subject_token_type);
    let value = grant.as_ref().map(|grant| grant.value.clone());
    let value = value.unwrap_or(GrantArg::ClientCredentials);
    if value != GrantArg::JwtBearer {
        refuse(&assertion, grant.as_ref(), "jwt-bearer")?;
    }
    if value != GrantArg::TokenExchange {
        refuse(&subject, grant.as_ref(), "token-exchange")?;
        refuse(&subject_type, grant.as_ref(), "token-exchange")?;
    }
    let mark = |given: &Given<Place>| given.clone().map(|_| ());
    let (plan, credential) = match value {
        GrantArg::ClientCredentials => (GrantPlan::ClientCredentials, None),
        GrantArg::Uri(uri) => (GrantPlan::Extension(uri), None),
        GrantArg::JwtBearer => match assertion {
            None => (GrantPlan::SignedJwtBearer, None),
            Some(given) => (
                GrantPlan::JwtBearer(given.value.clone()),
                Some(mark(&given)),
            ),
        },
        GrantArg::TokenExchange => {
            let subject = subject.ok_or_else(|| {
                let message = "--grant token-exchange needs a subject token";
                CliError::new(Exit::Credentials, message)
                    .next("use --subject-token-file FILE or --subject-token-env VARIABLE")
            })?;
            let credential = mark(&subject);
            let subject_type = match subject_type {
                Some(given) => token_type(&given)?,
                None => format!("{TOKEN_TYPE}jwt"),
            };
            let subject = subject.value;
            let plan = GrantPlan::TokenExchange {
                subject,
                subject_type,
            };
            (plan, Some(credential))
        }
    };
    Ok(GrantChoice {
        plan,
        grant,
        credential,
    })
}

fn refuse<T>(
    given: &Option<Given<T>>,
    grant: Option<&Given<GrantArg>>,
    needed: &str,
) -> Result<(), CliError> {
    let least = grant.map_or(0, Given::rank);
    match (given, grant) {
        (Some(given), Some(grant)) if given.rank() >= least => {
            Err(conflict(&grant.named(), &given.named())
                .next(format!("use --grant {needed}, or omit {}", given.named())))
        }
        (Some(given), None) => {
            let message = format!("{} needs --grant {needed}", given.named());
            Err(CliError::new(Exit::Usage, message).next(format!("use --grant {needed}")))
        }
        _ => Ok(()),
    }
}

/// Returns the URI of a token type (RFC 8693 §3).
fn token_type(given: &Given<String>) -> Result<String, CliError> {
    let short = match given.value.as_str() {
        "jwt" => "jwt",
        "access-token" => "access_token",
        "id-token" => "id_token",
        "saml2" => "saml2",
        uri if uri.contains(':') => return Ok(uri.to_owned()),
        _ => {
            let message = format!("{} has no known value", given.named());
            return Err(CliError::new(Exit::Usage, message)
                .next("use one of jwt, access-token, id-token, saml2, or a URI"));
        }
    };
    Ok(format!("{TOKEN_TYPE}{short}"))
}

const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:";
