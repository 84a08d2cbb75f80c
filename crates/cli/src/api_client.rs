//! The APIs of Experience Edge: their URL, and calls to them.

use ::http::StatusCode;
use clap::Args;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::experience_edge::{ENDPOINT, LEGACY_ENDPOINT};
use edge_oauth_no_io::{ApiError, Operation, SecretBytes, printable};
use experience_edge_api::{ExperienceEdge, Publishing};

use crate::args::{CLIENT_HEADING, ClientArgs};
use crate::client_auth::credentials::Credentials;
use crate::client_auth::plan::CLIENT_SECRET;
use crate::error::{CliError, Exit};
use crate::identity::Identity;
use crate::origin::Origin;
use crate::output::terminal;
use crate::session::{Failed, Session};
use crate::settings::{EDGE_URL, Settings};

/// Options for the URL of the APIs and for the client. Delivery keys and webhooks have a scope, a file and a body, so
/// the client's options of these names are renamed here.
#[derive(Args, Clone, Debug)]
#[command(
    mut_arg("scope", |arg| arg.long("token-scope")),
    mut_arg("body", |arg| arg.long("token-body")),
    mut_arg("signing_key_file", |arg| arg.long("token-key-file"))
)]
pub(crate) struct ApiArgs {
    /// URL of the APIs of Experience Edge [env: SITECORE_EDGE_URL] [default: https://edge.sitecorecloud.io]
    #[arg(long, value_name = "URL", global = true, help_heading = CLIENT_HEADING)]
    url: Option<String>,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// The APIs at one URL, called by one client.
#[derive(Debug)]
pub(crate) struct ApiClient {
    /// Creates the operations.
    pub(crate) operations: ExperienceEdge,
    /// Creates the operations of the Publishing API, which has a host of its own.
    pub(crate) publishing: Publishing,
    /// The client's credentials.
    pub(crate) credentials: Credentials,
    session: Session,
    /// The client and the origin of its secret, as text.
    client: String,
}

impl ApiClient {
    /// Reads the settings. Sends no request.
    pub(crate) fn open(args: &ApiArgs) -> Result<Self, CliError> {
        let settings = Settings::resolve(&args.client)?;
        let operations = experience_edge(args.url.as_deref(), &settings)?;
        Ok(Self {
            publishing: publishing(&operations)?,
            operations,
            credentials: settings.credentials.clone(),
            client: client_text(&settings),
            session: Session::open(settings),
        })
    }

    /// Returns the client, its tenant and the URL of the APIs, for the question before data is destroyed.
    pub(crate) fn caller_and_tenant(&self) -> Result<String, CliError> {
        let identity = Identity::read(&self.session.api_token()?);
        let unknown = || "unknown: the token does not name it".to_owned();
        let tenant = identity.tenant.unwrap_or_else(unknown);
        let organization = match identity.organization {
            Some(organization) => format!("; organization: {organization}"),
            None => String::new(),
        };
        let url = printable(self.operations.base_url(), SHOWN);
        Ok(format!(
            "Client: {}; tenant: {tenant}{organization}; at {url}.",
            self.client
        ))
    }

    /// Calls the API.
    pub(crate) fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CliError> {
        let called = self.session.call(operation)?;
        called.map_err(|error| failed(error, &operation.request()))
    }

    /// Calls the API within a time limit of its own. The caller may repeat the call if it fails.
    pub(crate) fn attempt<O: Operation>(&self, operation: &O) -> Result<O::Output, Failed> {
        let describe = |error| failed(error, &operation.request());
        self.session.attempt(operation, describe)
    }

    /// Returns words of the service that are no error of a call, printable and cut. If they repeat the token, a note
    /// takes their place.
    pub(crate) fn words(&self, text: &str) -> String {
        let body = serde_json::json!({ "message": text }).to_string();
        let mut response = ::http::Response::new(body.into_bytes());
        if let Ok(token) = self.session.api_token() {
            token.note_in(&mut response);
        }
        let read = ApiError::from_response(&response, &[]);
        read.message().unwrap_or_default().to_owned()
    }

    /// Calls the API for an item. If the item is missing, the error advises `next`.
    pub(crate) fn find<O: Operation>(
        &self,
        operation: &O,
        next: &str,
    ) -> Result<O::Output, CliError> {
        self.change(operation, next, CliError::from)
    }

    /// Calls the API for an item as [`find`](Self::find) does. `conflict` explains that the state of the item permits no
    /// such change.
    pub(crate) fn change<O: Operation>(
        &self,
        operation: &O,
        next: &str,
        conflict: impl FnOnce(ApiError) -> CliError,
    ) -> Result<O::Output, CliError> {
        self.session.call(operation)?.map_err(|error| match error {
            CallError::Api(error) if error.status() == StatusCode::CONFLICT => conflict(error),
            error if error.status() == Some(StatusCode::NOT_FOUND) => {
                failed(error, &operation.request()).next(next)
            }
            error => failed(error, &operation.request()),
        })
    }
}

/// Returns the error of a call. An error of the API names the request.
fn failed(error: CallError, request: &::http::Request<SecretBytes>) -> CliError {
    let is_of_api = matches!(error, CallError::Api(_));
    let failure = CliError::from(error);
    match is_of_api {
        true => failure.noting(request_text(request)),
        false => failure,
    }
}

/// Returns the request for people, without its query, which may contain a secret.
pub(crate) fn request_text(request: &::http::Request<SecretBytes>) -> String {
    let url = request.uri().to_string();
    let end = url.find('?').unwrap_or(url.len());
    format!("{} {}", request.method(), &url[..end])
}

/// Returns the client and the origin of its credential.
pub(crate) fn client_text(settings: &Settings) -> String {
    let id = printable(&settings.client_id, SHOWN);
    let name = settings.plan.credential_name();
    let short = if name == CLIENT_SECRET {
        "secret"
    } else {
        name
    };
    match settings.sources.origin(name) {
        Some(origin) => format!("{id:?}, its {short} from {origin}"),
        None => format!("{id:?}"),
    }
}

/// Returns the APIs at the given URL, or at the URL of the environment or the profile.
pub(crate) fn experience_edge(
    given: Option<&str>,
    settings: &Settings,
) -> Result<ExperienceEdge, CliError> {
    let of_settings = settings.sources.origin(EDGE_URL);
    let (url, origin) = match (given, &settings.edge_url, of_settings) {
        (Some(url), ..) => (url, &Origin::Flag("--url")),
        (None, Some(url), Some(origin)) => (url.as_str(), origin),
        _ => return default_api(settings),
    };
    if let (Origin::Variable(name), true) = (origin, settings.is_bound) {
        let message = format!(
            "{name} is set, and the token belongs to a profile: it is not sent to the variable's server"
        );
        return Err(CliError::new(Exit::Usage, message).next(format!(
            "unset {name}, or name the APIs by --url, or by edge_url in the profile"
        )));
    }
    let api = ExperienceEdge::at(url).map_err(|error| CliError::from(error).blaming(origin))?;
    terminal::detail(format_args!("the APIs are at {}: {origin}", api.base_url()));
    Ok(api)
}

/// Returns the Publishing API beside these APIs. The real one has a host of its own.
fn publishing(edge: &ExperienceEdge) -> Result<Publishing, CliError> {
    match *edge == ExperienceEdge::new() {
        true => Ok(Publishing::new()),
        false => Ok(Publishing::at(edge.base_url())?),
    }
}

/// Returns the real service. Fails if the token is from another server, such as a local Edge: it must not be sent
/// there.
fn default_api(settings: &Settings) -> Result<ExperienceEdge, CliError> {
    let api = ExperienceEdge::new();
    let issuer = settings.config.endpoint().host().unwrap_or_default();
    let known = [ENDPOINT, LEGACY_ENDPOINT].iter().any(|endpoint| {
        let endpoint: ::http::Uri = endpoint.parse().expect("a constant");
        endpoint.host() == Some(issuer)
    });
    if known {
        return Ok(api);
    }
    let message = format!(
        "no URL of the APIs: the tokens are from {issuer}, so they are not sent to {}",
        api.base_url()
    );
    // The server of a variable gets no token of a named profile.
    let advice = match settings.is_bound {
        true => "name the APIs by --url, or by edge_url in the profile",
        false => {
            "name the APIs by --url, SITECORE_EDGE_URL or edge_url in the profile; `edge-oauth serve` prints the URL of a local Edge"
        }
    };
    Err(CliError::new(Exit::Usage, message).next(advice))
}

const SHOWN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_publishing_api_has_another_host_than_the_other_real_apis() {
        let at = |url: &str| publishing(&ExperienceEdge::at(url).unwrap()).unwrap();
        for real in [
            "https://edge.sitecorecloud.io",
            "https://edge.sitecorecloud.io/",
        ] {
            assert_eq!(at(real), Publishing::new());
        }
        for other in ["http://127.0.0.1:8080", "https://gateway.example/edge"] {
            assert_eq!(at(other).base_url(), other);
        }
    }
}
