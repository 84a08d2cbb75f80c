//! The choice of a client authentication method and its credential among the given options.
//!
//! | given | chosen |
//! |---|---|
//! | `--client-auth` | that method, with a credential that fits it |
//! | one credential in the first layer that has any | the credential's method |
//! | several credentials in that layer | an error that names both |
//! | a credential that does not fit, in a lower layer than `--client-auth` | that credential is ignored |
//! | a credential that does not fit, in the same layer or a higher one | an error that names both |
//! | no credential | the client secret, from a prompt |

use std::path::PathBuf;

use crate::client_auth::companions::{Companions, missing};
use crate::client_auth::grant_choice::choose_grant;
use crate::client_auth::layers::{Given, Layers, Place, conflict, first};
use crate::client_auth::names;
use crate::client_auth::plan::{
    CLIENT_ASSERTION, CLIENT_CERTIFICATE, Client, GrantPlan, KEY_FILE, Plan, SecretUse,
};
use crate::client_auth::values::ClientAuthArg;
use crate::error::CliError;
use crate::input::secret::SecretPlace;

/// Chooses the method and the credential. Reads no file yet.
pub(crate) fn choose(
    layers: &Layers<'_>,
    secret: Option<Given<SecretPlace>>,
) -> Result<Plan, CliError> {
    let grant = choose_grant(layers)?;
    let method = layers.get(names::CLIENT_AUTH, |args| &args.client_auth);
    let assertion = layers.place(
        (names::CLIENT_ASSERTION_FILE, |args| {
            &args.client_assertion_file
        }),
        (names::CLIENT_ASSERTION_ENV, |args| {
            &args.client_assertion_env
        }),
    )?;
    let command = layers.get(names::CLIENT_ASSERTION_COMMAND, |args| {
        &args.client_assertion_command
    });
    let command = command.map(|given| given.map(Place::Command));
    let candidates = Candidates {
        secret,
        key: layers.get(names::KEY_FILE, |args| &args.key_file),
        assertion: first(assertion, command)?,
        certificate: layers.get(names::CLIENT_CERT, |args| &args.client_cert),
    };
    let signs_grant = matches!(grant.plan, GrantPlan::SignedJwtBearer);
    let chosen = candidates.choose(method.as_ref(), signs_grant)?;
    let rank = |given: Option<u8>| given.unwrap_or(0);
    let least = rank(method.as_ref().map(Given::rank))
        .max(rank(chosen.as_ref().map(|(_, given)| given.rank())));

    let mut companions = Companions { layers, least };
    let (client, credential) = candidates.client(method.as_ref(), chosen, &mut companions)?;
    let key = match (&client, signs_grant) {
        (Client::Key, _) | (_, true) => Some(companions.key(candidates.key.as_ref())?),
        _ => None,
    };
    companions.refuse_unused(&client, key.is_some(), signs_grant)?;

    let is_signed = key.is_some() || matches!(client, Client::Secret(SecretUse::Jwt { .. }, _));
    let audience = layers.get(names::ASSERTION_AUDIENCE, |args| &args.assertion_audience);
    let subject = layers.get(names::ASSERTION_SUBJECT, |args| &args.assertion_subject);
    let mut others: Vec<Given<()>> = grant.credential.into_iter().collect();
    let mut origins = Vec::new();
    if let Some(method) = &method {
        origins.push(("client authentication", method.origin.clone()));
    }
    let label = match &client {
        Client::Assertion(_) => Some(CLIENT_ASSERTION),
        Client::Certificate { .. } => Some(CLIENT_CERTIFICATE),
        Client::Key | Client::None | Client::Secret(..) => None,
    };
    if let (Some(label), Some(given)) = (label, &credential) {
        origins.push((label, given.origin.clone()));
    }
    if let (true, Some(given)) = (key.is_some(), &candidates.key) {
        origins.push((KEY_FILE, given.origin.clone()));
        others.push(mark(given));
    }
    others.extend(profile_params(layers));
    if let Some(given) = &grant.grant {
        origins.push(("grant", given.origin.clone()));
    }
    Ok(Plan {
        client,
        grant: grant.plan,
        key,
        audience: audience.filter(|_| is_signed).map(|given| given.value),
        subject: subject.filter(|_| signs_grant).map(|given| given.value),
        params: params(layers),
        credential,
        others,
        origins,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Secret,
    Key,
    Assertion,
    Certificate,
}

struct Candidates {
    secret: Option<Given<SecretPlace>>,
    key: Option<Given<PathBuf>>,
    assertion: Option<Given<Place>>,
    certificate: Option<Given<PathBuf>>,
}

impl Candidates {
    fn choose(
        &self,
        method: Option<&Given<ClientAuthArg>>,
        signs_grant: bool,
    ) -> Result<Option<(Kind, Given<()>)>, CliError> {
        let mut all: Vec<_> = [
            (Kind::Secret, self.secret.as_ref().map(mark)),
            (Kind::Key, self.key.as_ref().map(mark)),
            (Kind::Assertion, self.assertion.as_ref().map(mark)),
            (Kind::Certificate, self.certificate.as_ref().map(mark)),
        ]
        .into_iter()
        .filter_map(|(kind, given)| Some((kind, given?)))
        .collect();
        if let Some(method) = method {
            let wrong = all.iter().find(|(kind, given)| {
                let is_of_grant = signs_grant && *kind == Kind::Key;
                !fits(method.value, *kind) && !is_of_grant && given.rank() >= method.rank()
            });
            if let Some((_, given)) = wrong {
                let method = format!("{} {}", method.named(), method.value.name());
                return Err(conflict(&method, &given.named()));
            }
            all.retain(|(kind, _)| fits(method.value, *kind));
        } else if signs_grant && all.len() > 1 {
            // The key signs the grant, and another credential authenticates the client.
            all.retain(|(kind, _)| *kind != Kind::Key);
        }
        all.sort_by_key(|(_, given)| std::cmp::Reverse(given.rank()));
        match all.as_slice() {
            [(_, one), (_, other), ..] if one.rank() == other.rank() => {
                Err(conflict(&one.named(), &other.named()))
            }
            _ => Ok(all.into_iter().next()),
        }
    }

    fn client(
        &self,
        method: Option<&Given<ClientAuthArg>>,
        chosen: Option<(Kind, Given<()>)>,
        companions: &mut Companions<'_>,
    ) -> Result<(Client, Option<Given<()>>), CliError> {
        let (kind, credential) = match chosen {
            Some((kind, given)) => (Some(kind), Some(given)),
            None => (None, None),
        };
        let method = method.map(|method| method.value);
        let client = match (method, kind) {
            (Some(ClientAuthArg::None), _) => Client::None,
            (Some(ClientAuthArg::PrivateKeyJwt), None) => {
                return Err(missing("private-key-jwt needs a key or an assertion")
                    .next("use --key-file FILE or --client-assertion-file FILE"));
            }
            (Some(ClientAuthArg::TlsClientAuth), None) => {
                return Err(missing("tls-client-auth needs a certificate")
                    .next("use --client-cert FILE and --client-key FILE"));
            }
            (_, Some(Kind::Key)) => Client::Key,
            (_, Some(Kind::Assertion)) => Client::Assertion(
                self.assertion
                    .clone()
                    .map(|given| given.value)
                    .expect("it was chosen"),
            ),
            (_, Some(Kind::Certificate)) => {
                let certificate = self.certificate.as_ref().expect("it was chosen");
                let key = companions.at_least(
                    companions
                        .layers
                        .get(names::CLIENT_KEY, |args| &args.client_key),
                    certificate.rank(),
                );
                Client::Certificate {
                    key: key.unwrap_or_else(|| certificate.value.clone()),
                    certificate: certificate.value.clone(),
                }
            }
            (method, Some(Kind::Secret) | None) => {
                let place = self.secret.as_ref().map(|given| given.value.clone());
                Client::Secret(companions.secret_use(method, self.secret.as_ref())?, place)
            }
        };
        Ok((client, credential))
    }
}

fn fits(method: ClientAuthArg, kind: Kind) -> bool {
    match method {
        ClientAuthArg::ClientSecretPost
        | ClientAuthArg::ClientSecretBasic
        | ClientAuthArg::BasicPlus
        | ClientAuthArg::ClientSecretJwt => kind == Kind::Secret,
        ClientAuthArg::PrivateKeyJwt => matches!(kind, Kind::Key | Kind::Assertion),
        ClientAuthArg::TlsClientAuth => kind == Kind::Certificate,
        ClientAuthArg::None => false,
    }
}

fn mark<T: Clone>(given: &Given<T>) -> Given<()> {
    given.clone().map(|_| ())
}

/// Returns the option of a profile's parameters, which go to the profile's server alone.
fn profile_params(layers: &Layers<'_>) -> Option<Given<()>> {
    let (args, origin) = layers.profile.clone()?;
    let key = match (args.param_file.is_empty(), args.param_env.is_empty()) {
        (false, _) => "param_files",
        (true, false) => "param_envs",
        (true, true) => return None,
    };
    let value = ();
    Some(Given { value, origin, key })
}

/// Returns the parameters. The command line's replace the profile's of the same names.
fn params(layers: &Layers<'_>) -> Vec<(String, Place)> {
    let mut params: Vec<(String, Place)> = Vec::new();
    let profile = layers.profile.as_ref().map(|(args, _)| *args);
    for args in [Some(layers.flags), profile].into_iter().flatten() {
        let files = args.param_file.iter();
        let files = files.map(|(name, file)| (name, Place::File(file.clone())));
        let variables = args.param_env.iter();
        let variables = variables.map(|(name, variable)| (name, Place::Variable(variable.clone())));
        let before = params.len();
        for (name, place) in files.chain(variables) {
            if !params[..before].iter().any(|(other, _)| other == name) {
                params.push((name.clone(), place));
            }
        }
    }
    params
}
