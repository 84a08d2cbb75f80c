//! The settings of a run. Each value comes from the command line, else from the environment, else from the profile,
//! else from the default.

mod binding;
pub(crate) mod chosen;
pub(crate) mod config_file;
pub(crate) mod profile;
pub(crate) mod profile_file;
pub(crate) mod resolver;
mod sources;
pub(crate) mod store_url;

use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_no_io::{Config, Secret, SecretBytes, StoreError, TokenError};
use edge_oauth_store::StoreKeys;

use crate::args::ClientArgs;
use crate::client_auth::advice::advice;
use crate::client_auth::args::AuthArgs;
use crate::client_auth::choice::choose;
use crate::client_auth::credentials::Credentials;
use crate::client_auth::layers::Layers;
use crate::client_auth::load::Loaded;
use crate::client_auth::plan::{CLIENT_SECRET, Plan};
use crate::error::{CliError, Exit};
use crate::http_client;
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::origin::Origin;
use crate::output::terminal;
use crate::settings::chosen::Chosen;
use crate::settings::resolver::{Endpoint, Resolver, builder, warn_about_spaces};
use crate::settings::sources::Sources;

/// The values that a command needs before it requests a token.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) client_id: String,
    /// The method of client authentication, and the grant.
    pub(crate) plan: Plan,
    /// The credentials: they sign, encrypt the cache, and are removed from a child's environment.
    pub(crate) credentials: Credentials,
    /// The URL of the APIs of Experience Edge, from the environment or the profile.
    pub(crate) edge_url: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) no_cache: bool,
    /// The URL of a shared store for the cache, in place of files.
    pub(crate) store: Option<Secret>,
    pub(crate) sources: Sources,
    /// True if the credential comes from a profile that was named.
    pub(crate) is_bound: bool,
}

impl Settings {
    /// Reads the settings and the credentials, which may ask for a secret on the terminal.
    pub(crate) fn resolve(args: &ClientArgs) -> Result<Self, CliError> {
        Self::resolve_with(args, false, &|plan, resolver, ready| {
            resolver.check_binding(plan)?;
            plan.load(resolver.time, ready)
        })
    }

    /// Reads the settings with placeholder credentials, for `doctor`.
    pub(crate) fn resolve_with_placeholder(
        args: &ClientArgs,
        secret: Secret,
    ) -> Result<Self, CliError> {
        Self::resolve_with(args, false, &|plan, _, _| Ok(plan.placeholder(&secret)))
    }

    /// Reads the settings with all values that the names of cache entries depend on.
    pub(crate) fn resolve_for_cache(args: &ClientArgs, secret: Secret) -> Result<Self, CliError> {
        Self::resolve_with(args, false, &|plan, resolver, _| {
            plan.outline(&secret, resolver.time)
        })
    }

    /// Reads the settings with placeholder credentials and parameters, to print the request.
    pub(crate) fn resolve_to_show(args: &ClientArgs, secret: Secret) -> Result<Self, CliError> {
        Self::resolve_with(args, true, &|plan, _, _| Ok(plan.placeholder(&secret)))
    }

    /// Returns advice on an error response for this method of client authentication, or the core's hint.
    pub(crate) fn advice(&self, error: &TokenError) -> Option<&'static str> {
        advice(self.plan.method(), error).or_else(|| error.hint())
    }

    /// Returns the keys that encrypt the token cache, or `None` without a credential.
    pub(crate) fn store_keys(&self) -> Option<Result<StoreKeys, StoreError>> {
        let seal = self.credentials.seal()?;
        let client_secret = self.config.client_secret();
        Some(
            match client_secret.map(Secret::expose) == Some(seal.expose()) {
                true => Ok(StoreKeys::from_client_secret()),
                false => StoreKeys::from_key(SecretBytes::new(seal.expose().as_bytes().to_vec())),
            },
        )
    }

    /// Returns a builder of a token source for this configuration.
    pub(crate) fn source(&self) -> edge_oauth_driver::blocking::Builder {
        self.credentials.source(self.config.clone())
    }

    fn resolve_with(args: &ClientArgs, redacts: bool, load: &Load<'_>) -> Result<Self, CliError> {
        args.check()?;
        let chosen = Chosen::resolve(args)?;
        let time = args.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let profile = config_file::read(chosen.profile.as_deref(), chosen.file.as_deref(), time)?;
        let mut resolver = Resolver {
            profile: profile.as_ref(),
            named: chosen.is_named(),
            sources: Sources::default(),
            redacts,
            time: DEFAULT_TIMEOUT,
        };
        // Cheap checks come first, so that a person is asked only if they pass.
        let endpoint = resolver.endpoint(args)?;
        let tenant = resolver.tenant(args);
        let client_id = resolver.text(
            "client id",
            ("--client-id", args.client_id.as_deref()),
            Some("SITECORE_CLIENT_ID"),
            ("client_id", |profile| profile.client_id.as_deref()),
        )?;
        let client_id = client_id.ok_or_else(|| {
            CliError::new(Exit::Credentials, "no client id").next(
                "run edge-oauth login, which sets up a profile; or set SITECORE_CLIENT_ID, or use --client-id or --profile",
            )
        })?;
        let audience = match (&args.audience, &args.tenant) {
            // The command line's tenant is before the environment's audience.
            (None, Some(_)) => None,
            (given, _) => resolver.text(
                "audience",
                ("--audience", given.as_deref()),
                Some("SITECORE_AUDIENCE"),
                ("audience", |profile| profile.audience.as_deref()),
            )?,
        };
        if audience.is_none() {
            let origin = match endpoint {
                Endpoint::Other(_) => Origin::NotSent,
                _ => tenant.1.clone(),
            };
            resolver.sources.add("audience", origin);
        }
        if args.endpoint.is_some() {
            resolver.sources.remark(
                "audience",
                &Origin::Variable("SITECORE_AUDIENCE"),
                ", which --endpoint does not replace",
            );
        }
        let edge_url = resolver.text(
            EDGE_URL,
            ("--url", None),
            Some("SITECORE_EDGE_URL"),
            ("edge_url", |profile| profile.edge_url.as_deref()),
        )?;
        let store = resolver.store(args)?;
        let params = resolver.params(args)?;
        let cacert = profile.as_ref().and_then(|profile| profile.cacert.clone());
        let cacert = args.cacert.clone().or(cacert);
        let layers = Layers {
            flags: &args.auth,
            environment: AuthArgs::from_env()?,
            profile: profile
                .as_ref()
                .map(|profile| (&profile.auth, profile.origin())),
        };
        let plan = choose(&layers, resolver.secret(args)?)?;
        for (name, origin) in &plan.origins {
            resolver.sources.add(name, origin.clone());
        }
        let config = |resolver: &Resolver<'_>, loaded: &Loaded| {
            let mut builder = builder(&endpoint, &tenant.0, &client_id)
                .client_auth(loaded.client_auth.clone())
                .grant(loaded.grant.clone());
            if let Some(audience) = &audience {
                builder = builder.audience(audience);
            }
            for (name, value) in &loaded.params {
                builder = builder.param(name, value.expose());
            }
            let config = resolver.rest(builder, args, &params).build();
            config.map_err(|error| resolver.blame(error))
        };
        config(&resolver, &plan.placeholder(&Secret::new("placeholder")))?;
        let timeout = args
            .timeout
            .or(profile.as_ref().and_then(|profile| profile.timeout))
            .unwrap_or(DEFAULT_TIMEOUT);
        resolver.time = timeout;
        let ready = || http_client::agent(cacert.as_deref(), None, timeout).map(|_| ());
        let loaded = load(&plan, &resolver, &ready)?;
        if let Some((secret, origin)) = &loaded.secret {
            warn_about_spaces(CLIENT_SECRET, secret.expose(), origin);
            resolver.sources.add(CLIENT_SECRET, origin.clone());
        }
        let origin = plan.credential.as_ref().map(|given| &given.origin);
        let is_bound = resolver.named && origin.is_some_and(Origin::is_profile);
        let config = config(&resolver, &loaded)?;
        for (name, origin) in resolver.sources.texts() {
            terminal::detail(format_args!("{name}: {origin}"));
        }
        Ok(Self {
            config,
            client_id: client_id.clone(),
            plan,
            credentials: loaded.credentials,
            edge_url,
            timeout,
            cacert,
            no_cache: args.no_cache,
            is_bound,
            store,
            sources: resolver.sources,
        })
    }
}

/// Reads the credentials of a plan. The last argument checks all other values before a question.
type Load<'a> = dyn Fn(&Plan, &Resolver<'_>, &dyn Fn() -> Result<(), CliError>) -> Result<Loaded, CliError>
    + 'a;

/// The name of `edge_url` among the sources.
pub(crate) const EDGE_URL: &str = "edge url";
