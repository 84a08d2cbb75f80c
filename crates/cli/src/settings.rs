//! Who asks, where and for what: each value from the command line, else from the environment, else from
//! the profile, else the default.

mod resolver;

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_no_io::{Config, Secret};

use crate::args::ClientArgs;
use crate::failure::{Exit, Failure};
use crate::profile::{self, Profile};
use crate::settings::resolver::{Endpoint, Resolver, build};
use crate::terminal;
use crate::{http, secret_input};

/// Everything that a command has to know before it asks for a token.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// The one in `config`: it encrypts the cache, and is kept out of a child's environment.
    pub(crate) secret: Secret,
    /// Where the APIs of Experience Edge are, as the environment or the profile has it.
    pub(crate) edge_url: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) no_cache: bool,
    pub(crate) sources: Sources,
}

/// Where each value came from, in words, in the order in which a reader wants them.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<(&'static str, String)>);

impl Settings {
    /// Reads everything, the secret included, which may ask for it on the terminal.
    pub(crate) fn resolve(args: &ClientArgs) -> Result<Self, Failure> {
        Self::resolve_with(args, |args, resolver, ready| {
            secret_input::read(args, resolver.profile, resolver.bound(), ready)
        })
    }

    /// The same, with a secret that is not the user's: for what is only looked at.
    pub(crate) fn resolve_with_placeholder(
        args: &ClientArgs,
        secret: Secret,
    ) -> Result<Self, Failure> {
        Self::resolve_with(args, |_, _, _| Ok((secret, "a placeholder".to_owned())))
    }

    fn resolve_with(
        args: &ClientArgs,
        read_secret: impl FnOnce(
            &ClientArgs,
            &Resolver<'_>,
            &dyn Fn() -> Result<(), Failure>,
        ) -> Result<(Secret, String), Failure>,
    ) -> Result<Self, Failure> {
        let profile = profile::read(args.profile.as_deref(), args.config.as_deref())?;
        let mut resolver = Resolver {
            profile: profile.as_ref(),
            named: args.profile.is_some(),
            sources: Sources::default(),
        };
        // Cheap things first: nobody is asked for a secret in vain.
        let endpoint = resolver.endpoint(args)?;
        let client_id = resolver.text(
            "client id",
            ("--client-id", args.client_id.as_deref()),
            Some("SITECORE_CLIENT_ID"),
            ("client_id", |profile| profile.client_id.as_deref()),
        )?;
        let client_id = client_id.ok_or_else(|| {
            Failure::new(Exit::Credentials, "no client id").next(
                "set SITECORE_CLIENT_ID, or use --client-id, or a profile: edge-oauth doctor shows what is missing",
            )
        })?;
        let audience = resolver.text(
            "audience",
            ("--audience", args.audience.as_deref()),
            Some("SITECORE_AUDIENCE"),
            ("audience", |profile| profile.audience.as_deref()),
        )?;
        if audience.is_none() {
            let origin = match endpoint {
                Endpoint::Other(_) => "none is sent",
                _ => "default of Experience Edge",
            };
            resolver.sources.add("audience", origin);
        }
        if args.endpoint.is_some() {
            resolver.sources.remark(
                "audience",
                "SITECORE_AUDIENCE",
                "which --endpoint does not replace",
            );
        }
        let edge_url = resolver.text(
            EDGE_URL,
            ("--url", None),
            Some("SITECORE_EDGE_URL"),
            ("edge_url", |profile| profile.edge_url.as_deref()),
        )?;
        let params = resolver.params(args)?;
        let cacert = profile.as_ref().and_then(|profile| profile.cacert.clone());
        let cacert = args.cacert.clone().or(cacert);
        let config = |resolver: &Resolver<'_>, secret| {
            build(&endpoint, &client_id, secret)
                .and_then(|config| match &audience {
                    Some(audience) => config.to_builder().audience(audience).build(),
                    None => Ok(config),
                })
                .and_then(|config| resolver.rest(config, args, &params))
                .map_err(|error| resolver.blame(error))
        };
        config(&resolver, Secret::new("placeholder"))?;
        let ready = || http::agent(cacert.as_deref()).map(|_| ());
        let (secret, origin) = read_secret(args, &resolver, &ready)?;
        resolver.sources.add("client secret", origin);
        let config = config(&resolver, secret.clone())?;
        for (name, origin) in resolver.sources.iter() {
            terminal::detail(format_args!("{name}: {origin}"));
        }
        let timeout = args
            .timeout
            .or(profile.as_ref().and_then(|profile| profile.timeout));
        Ok(Self {
            config,
            secret,
            edge_url,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            cacert,
            no_cache: args.no_cache,
            sources: resolver.sources,
        })
    }
}

impl Sources {
    /// The name of each value, and where it came from.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, origin)| (*name, origin.as_str()))
    }

    fn add(&mut self, name: &'static str, origin: impl Into<String>) {
        self.0.push((name, origin.into()));
    }

    /// Adds a word where the value of this name came from there.
    fn remark(&mut self, name: &str, origin: &str, remark: &str) {
        let mut values = self.0.iter_mut();
        if let Some((_, found)) = values.find(|value| value.0 == name && value.1 == origin) {
            *found += &format!(", {remark}");
        }
    }

    /// Where the value of this name came from.
    pub(crate) fn of(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, origin)| origin)
    }
}

/// The value of an environment variable; an empty one counts as unset.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let message = format!("the variable {name} is not UTF-8");
            Err(Failure::new(Exit::Usage, message))
        }
    }
}

/// A profile, in words.
pub(crate) fn words_of(profile: &Profile) -> String {
    format!("profile {:?} in {}", profile.name, profile.file.display())
}

/// The name of `edge_url` among the sources.
pub(crate) const EDGE_URL: &str = "edge url";

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
