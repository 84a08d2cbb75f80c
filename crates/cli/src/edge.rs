//! The APIs of Experience Edge: where they are, and calls of them.

use ::http::StatusCode;
use clap::Args;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::experience_edge::{ENDPOINT, LEGACY_ENDPOINT};
use edge_oauth_no_io::{Operation, printable};
use experience_edge_api::ExperienceEdge;

use crate::args::ClientArgs;
use crate::client_auth::credentials::Credentials;
use crate::client_auth::plan::CLIENT_SECRET;
use crate::failure::{Exit, Failure};
use crate::origin::Origin;
use crate::session::Session;
use crate::settings::{EDGE_URL, Settings};
use crate::terminal;

/// Which Experience Edge, and who calls it. A Delivery key has scopes and a file, and a webhook has a
/// body, so the client's own options of these names have others here.
#[derive(Args, Clone, Debug)]
#[command(
    mut_arg("scope", |arg| arg.long("token-scope")),
    mut_arg("body", |arg| arg.long("token-body")),
    mut_arg("signing_key_file", |arg| arg.long("token-key-file"))
)]
pub(crate) struct EdgeArgs {
    /// Where the APIs of Experience Edge are [env: SITECORE_EDGE_URL] [default: https://edge.sitecorecloud.io]
    #[arg(long, value_name = "URL", global = true, help_heading = "Client")]
    url: Option<String>,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// The APIs at one URL, called by one client.
#[derive(Debug)]
pub(crate) struct Edge {
    /// Makes the operations.
    pub(crate) api: ExperienceEdge,
    /// Of the client.
    pub(crate) credentials: Credentials,
    session: Session,
    /// The client, and the place that its secret came from.
    client: String,
}

impl Edge {
    /// Reads the settings; nothing is sent yet.
    pub(crate) fn open(args: &EdgeArgs) -> Result<Self, Failure> {
        let settings = Settings::resolve(&args.client)?;
        Ok(Self {
            api: api(args.url.as_deref(), &settings)?,
            credentials: settings.credentials.clone(),
            client: client(&settings),
            session: Session::open(settings),
        })
    }

    /// Returns who acts, and on which tenant, for a person who is asked whether that is meant.
    pub(crate) fn whose(&self) -> Result<String, Failure> {
        let claims = self.session.token_of_calls()?.claims();
        let claim = |name: &str| {
            let names = [format!("{CLAIMS}{name}"), name.to_owned()];
            let claims = claims.as_ref()?;
            let text = names.iter().find_map(|name| claims.get(name))?;
            Some(printable(&text, SHOWN))
        };
        let tenant = match (claim("tenant_name"), claim("tenant_id")) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "unknown: the token does not name it".to_owned(),
        };
        let url = printable(self.api.base_url(), SHOWN);
        Ok(format!("{}; tenant: {tenant}; at {url}.", self.client))
    }

    /// Makes a call.
    pub(crate) fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Failure> {
        Ok(self.session.call(operation)??)
    }

    /// Makes a call on something that may not be there; `next` says how to find it.
    pub(crate) fn find<O: Operation>(
        &self,
        operation: &O,
        next: &str,
    ) -> Result<O::Output, Failure> {
        self.session.call(operation)?.map_err(|error| match error {
            CallError::Api(error) if error.status() == StatusCode::NOT_FOUND => {
                Failure::from(error).next(next)
            }
            error => error.into(),
        })
    }
}

fn client(settings: &Settings) -> String {
    let id = printable(&settings.client_id, SHOWN);
    let name = settings.plan.credential_name();
    let short = if name == CLIENT_SECRET {
        "secret"
    } else {
        name
    };
    match settings.sources.of(name) {
        Some(origin) => format!("Client: {id:?}, its {short} from {origin}"),
        None => format!("Client: {id:?}"),
    }
}

fn api(given: Option<&str>, settings: &Settings) -> Result<ExperienceEdge, Failure> {
    let of_settings = settings.sources.of(EDGE_URL);
    let (url, origin) = match (given, &settings.edge_url, of_settings) {
        (Some(url), ..) => (url, &Origin::Flag("--url")),
        (None, Some(url), Some(origin)) => (url.as_str(), origin),
        _ => return the_real_one(settings),
    };
    if let (Origin::Variable(name), true) = (origin, settings.is_bound) {
        let message = format!(
            "{name} is set, and the token is that of a profile: it is not sent to the variable's server"
        );
        return Err(Failure::new(Exit::Usage, message).next(format!(
            "unset {name}, or name the APIs by --url, or by edge_url in the profile"
        )));
    }
    let api = ExperienceEdge::at(url)
        .map_err(|error| Failure::from(error).blaming(&origin.to_string()))?;
    terminal::detail(format_args!("the APIs are at {}: {origin}", api.base_url()));
    Ok(api)
}

/// A token of another server, such as a local Edge, is nothing to send to the real service.
fn the_real_one(settings: &Settings) -> Result<ExperienceEdge, Failure> {
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
        "no URL of the APIs: the tokens are of {issuer}, so they are not sent to {}",
        api.base_url()
    );
    Err(Failure::new(Exit::Usage, message)
        .next("--url or SITECORE_EDGE_URL, which `edge-oauth serve` prints for a local Edge"))
}

/// The namespace of the service's own claims.
const CLAIMS: &str = "https://auth.sitecorecloud.io/claims/";
const SHOWN: usize = 128;
