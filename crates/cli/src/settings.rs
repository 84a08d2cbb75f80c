//! Who asks, where and for what: each value from the command line, else from the environment, else from
//! the profile, else the default.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_no_io::{BodyFormat, ClientAuth, Config, ConfigError, Secret, Tenant};

use crate::args::{BodyArg, ClientArgs, ClientAuthArg};
use crate::failure::{Exit, Failure};
use crate::profile::{self, Profile};
use crate::secret_input;
use crate::terminal;

/// Everything that a command has to know before it asks for a token.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// The one in `config`: it encrypts the cache, and is kept out of a child's environment.
    pub(crate) secret: Secret,
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
        Self::resolve_with(args, secret_input::read)
    }

    /// The same, with a secret that is not the user's: for what is only looked at.
    pub(crate) fn resolve_with_placeholder(
        args: &ClientArgs,
        secret: Secret,
    ) -> Result<Self, Failure> {
        Self::resolve_with(args, |_, _| Ok((secret, "a placeholder".to_owned())))
    }

    fn resolve_with(
        args: &ClientArgs,
        read_secret: impl FnOnce(&ClientArgs, Option<&Profile>) -> Result<(Secret, String), Failure>,
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
        let params = resolver.params(args)?;
        let (secret, origin) = read_secret(args, resolver.profile)?;
        resolver.warn_of_override(
            "client_secret_file",
            "SITECORE_CLIENT_SECRET",
            &origin,
            |profile| profile.client_secret_file.is_some(),
        );
        resolver.sources.add("client secret", origin);

        let config = build(&endpoint, client_id, secret.clone())
            .and_then(|config| match audience {
                Some(audience) => config.audience(audience),
                None => Ok(config),
            })
            .and_then(|config| resolver.rest(config, args, params))
            .map_err(|error| resolver.blame(error))?;
        for (name, origin) in resolver.sources.iter() {
            terminal::detail(format_args!("{name}: {origin}"));
        }
        let of_profile = |pick: fn(&Profile) -> Option<PathBuf>| profile.as_ref().and_then(pick);
        let timeout = args
            .timeout
            .or(profile.as_ref().and_then(|profile| profile.timeout));
        Ok(Self {
            config,
            secret,
            timeout: timeout.unwrap_or(DEFAULT_TIMEOUT),
            cacert: args
                .cacert
                .clone()
                .or_else(|| of_profile(|profile| profile.cacert.clone())),
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

    fn of(&self, name: &str) -> Option<&str> {
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

/// Which server is asked.
enum Endpoint {
    ExperienceEdge,
    ExperienceEdgeAt(String),
    Other(String),
}

struct Resolver<'a> {
    profile: Option<&'a Profile>,
    /// By `--profile`: then what takes the place of its values is worth a word.
    named: bool,
    sources: Sources,
}

impl Resolver<'_> {
    fn text(
        &mut self,
        name: &'static str,
        (flag, given): (&'static str, Option<&str>),
        environment: Option<&'static str>,
        (key, of_profile): (&'static str, fn(&Profile) -> Option<&str>),
    ) -> Result<Option<String>, Failure> {
        if let Some(value) = given {
            self.sources.add(name, flag);
            return Ok(Some(value.to_owned()));
        }
        if let Some(environment) = environment
            && let Some(value) = variable(environment)?
        {
            self.warn_of_override(key, environment, environment, |profile| {
                of_profile(profile).is_some()
            });
            self.sources.add(name, environment);
            return Ok(Some(value));
        }
        let value = self.profile.and_then(of_profile).map(str::to_owned);
        if value.is_some() {
            self.sources.add(name, self.words_of_profile());
        }
        Ok(value)
    }

    fn endpoint(&mut self, args: &ClientArgs) -> Result<Endpoint, Failure> {
        let url = self.text(
            "endpoint",
            ("--endpoint", args.endpoint.as_deref()),
            Some("SITECORE_AUTH_URL"),
            ("endpoint", |profile| profile.endpoint.as_deref()),
        )?;
        Ok(match (url, self.sources.of("endpoint")) {
            (Some(url), Some("SITECORE_AUTH_URL")) => Endpoint::ExperienceEdgeAt(url),
            (Some(url), _) => Endpoint::Other(url),
            (None, _) => {
                self.sources.add("endpoint", "default of Experience Edge");
                Endpoint::ExperienceEdge
            }
        })
    }

    /// Those of the command line take the place of the profile's of the same names.
    fn params(&mut self, args: &ClientArgs) -> Result<Vec<(String, String)>, Failure> {
        let mut params = Vec::new();
        for param in &args.param {
            let pair = param.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| {
                Failure::new(Exit::Usage, "--param is not of the form NAME=VALUE")
                    .next("such as --param organization_id=org_123")
            })?;
            if name == "client_secret" {
                let message = "--param client_secret is refused: everyone on this machine sees the arguments of a program";
                return Err(Failure::new(Exit::Usage, message).next("--client-secret-file FILE"));
            }
            params.push((name.to_owned(), value.to_owned()));
        }
        let given = params.len();
        for (name, value) in self.profile.iter().flat_map(|profile| &profile.params) {
            if !params[..given].iter().any(|(other, _)| other == name) {
                params.push((name.clone(), value.clone()));
            }
        }
        Ok(params)
    }

    /// What neither the environment nor a default has a say in.
    fn rest(
        &self,
        mut config: Config,
        args: &ClientArgs,
        params: Vec<(String, String)>,
    ) -> Result<Config, ConfigError> {
        let empty = Profile::default();
        let profile = self.profile.unwrap_or(&empty);
        let scope = if args.scope.is_empty() {
            &profile.scope
        } else {
            &args.scope
        };
        for token in scope.iter().flat_map(|scope| scope.split_whitespace()) {
            config = config.scope(token)?;
        }
        let resource = if args.resource.is_empty() {
            &profile.resource
        } else {
            &args.resource
        };
        for uri in resource {
            config = config.resource(uri)?;
        }
        for (name, value) in params {
            config = config.param(name, value)?;
        }
        if let Some(client_auth) = args.client_auth.or(profile.client_auth) {
            config = config.client_auth(match client_auth {
                ClientAuthArg::Body => ClientAuth::Body,
                ClientAuthArg::Basic => ClientAuth::Basic,
                ClientAuthArg::BasicPlus => ClientAuth::BasicPlus,
            })?;
        }
        Ok(config.body_format(match args.body.or(profile.body) {
            Some(BodyArg::Json) => BodyFormat::Json,
            Some(BodyArg::Form) | None => BodyFormat::Form,
        }))
    }

    fn warn_of_override(
        &self,
        key: &str,
        environment: &str,
        origin: &str,
        has: impl FnOnce(&Profile) -> bool,
    ) {
        let profile = self
            .profile
            .filter(|profile| self.named && origin == environment && has(profile));
        if let Some(profile) = profile {
            terminal::warning(format_args!(
                "the variable {environment} takes the place of {key} in the profile {:?}",
                profile.name
            ));
        }
    }

    fn words_of_profile(&self) -> String {
        self.profile.map_or_else(String::new, words_of)
    }

    /// A wrong value, with the place that it came from.
    fn blame(&self, error: ConfigError) -> Failure {
        let name = match &error {
            ConfigError::Endpoint { .. } | ConfigError::InsecureEndpoint => "endpoint",
            ConfigError::Empty { parameter }
            | ConfigError::Character { parameter }
            | ConfigError::TrailingNewline { parameter } => match *parameter {
                "client_id" => "client id",
                "client_secret" => "client secret",
                other => other,
            },
            _ => "",
        };
        match self.sources.of(name) {
            Some(origin) => Failure::from(error).blaming(origin),
            None => error.into(),
        }
    }
}

/// A profile, in words.
pub(crate) fn words_of(profile: &Profile) -> String {
    format!("profile {:?} in {}", profile.name, profile.file.display())
}

fn build(endpoint: &Endpoint, client_id: String, secret: Secret) -> Result<Config, ConfigError> {
    let edge = |client_id, secret| Config::experience_edge(Tenant::New, client_id, secret);
    match endpoint {
        Endpoint::ExperienceEdge => edge(client_id, secret),
        Endpoint::ExperienceEdgeAt(url) => edge(client_id, secret)?.endpoint(url),
        Endpoint::Other(url) => Config::new(url, client_id, secret),
    }
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
