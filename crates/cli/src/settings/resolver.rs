//! Finds each value in the first layer that has it, and records its origin.

use std::time::Duration;

use edge_oauth_no_io::{BodyFormat, Config, ConfigBuilder, ConfigError, Provider, Tenant};

use crate::args::{BodyArg, ClientArgs};
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::origin::Origin;
use crate::output::terminal;
use crate::settings::profile::Profile;
use crate::settings::sources::Sources;

/// The token endpoint.
pub(super) enum Endpoint {
    ExperienceEdge,
    ExperienceEdgeAt(String),
    Other(String),
}

pub(super) struct Resolver<'a> {
    pub(super) profile: Option<&'a Profile>,
    /// True if the user named the profile or its file. A variable that overrides its values then causes a warning.
    pub(super) named: bool,
    pub(super) sources: Sources,
    /// True if the request is only shown. Parameters that may be secrets are then redacted.
    pub(super) redacts: bool,
    /// The time limit for reading files.
    pub(super) time: Duration,
}

impl Resolver<'_> {
    pub(super) fn text(
        &mut self,
        name: &'static str,
        (flag, given): (&'static str, Option<&str>),
        environment: Option<&'static str>,
        (key, of_profile): (&'static str, fn(&Profile) -> Option<&str>),
    ) -> Result<Option<String>, CliError> {
        let found = if let Some(value) = given {
            Some((value.to_owned(), Origin::Flag(flag)))
        } else if let Some(environment) = environment
            && let Some(value) = variable(environment)?
        {
            self.warn_about_override(key, environment, of_profile);
            Some((value, Origin::Variable(environment)))
        } else {
            let profile = self.profile;
            profile.and_then(|profile| Some((of_profile(profile)?.to_owned(), profile.origin())))
        };
        Ok(found.map(|(value, origin)| {
            warn_about_spaces(name, &value, &origin);
            self.sources.add(name, origin);
            value
        }))
    }

    pub(super) fn endpoint(&mut self, args: &ClientArgs) -> Result<Endpoint, CliError> {
        let of_profile: fn(&Profile) -> Option<&str> = match args.tenant {
            // The tenant of the command line is one of Experience Edge.
            Some(_) => |profile| profile.auth_url.as_deref(),
            None => |profile| profile.endpoint.as_deref().or(profile.auth_url.as_deref()),
        };
        let url = self.text(
            "endpoint",
            ("--endpoint", args.endpoint.as_deref()),
            Some("SITECORE_AUTH_URL"),
            ("endpoint", of_profile),
        )?;
        let Some(url) = url else {
            // A tenant at the default server names no server of its own.
            let origin = match self.tenant(args) {
                (tenant, _) if tenant.endpoint() == Tenant::Current.endpoint() => Origin::Default,
                (_, origin) => origin,
            };
            self.sources.add("endpoint", origin);
            return Ok(Endpoint::ExperienceEdge);
        };
        let is_edge = match self.sources.origin("endpoint") {
            Some(Origin::Variable(_)) => true,
            Some(Origin::Profile { .. }) => self
                .profile
                .is_some_and(|profile| profile.auth_url.is_some()),
            _ => false,
        };
        Ok(match is_edge {
            true => Endpoint::ExperienceEdgeAt(url),
            false => Endpoint::Other(url),
        })
    }

    /// Returns the kind of tenant, and its origin.
    pub(super) fn tenant(&self, args: &ClientArgs) -> (Tenant, Origin) {
        let of_profile = |profile: &Profile| Some((profile.tenant.clone()?, profile.origin()));
        match &args.tenant {
            Some(tenant) => (tenant.clone(), Origin::Flag("--tenant")),
            None => self
                .profile
                .and_then(of_profile)
                .unwrap_or((Tenant::Current, Origin::Default)),
        }
    }

    /// Returns the parameters. The command line's replace the profile's of the same names.
    pub(super) fn params(&mut self, args: &ClientArgs) -> Result<Vec<(String, String)>, CliError> {
        let mut params = Vec::new();
        for param in &args.param {
            let pair = param.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| {
                CliError::new(Exit::Usage, "--param is not of the form NAME=VALUE")
                    .next("use for example --param organization_id=org_123")
            })?;
            if let Some((_, option)) = CREDENTIALS.iter().find(|(own, _)| *own == name) {
                let message = format!(
                    "--param {name} is refused: everyone on this machine sees the arguments of a program"
                );
                return Err(CliError::new(Exit::Usage, message).next(format!("use {option} FILE")));
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

    /// Adds the values that have neither a variable nor a default.
    pub(super) fn rest(
        &self,
        mut builder: ConfigBuilder,
        args: &ClientArgs,
        params: &[(String, String)],
    ) -> ConfigBuilder {
        let empty = Profile::default();
        let profile = self.profile.unwrap_or(&empty);
        let scope = if args.scope.is_empty() {
            &profile.scope
        } else {
            &args.scope
        };
        for scope in scope {
            builder = builder.scope(scope.trim());
        }
        let resource = if args.resource.is_empty() {
            &profile.resource
        } else {
            &args.resource
        };
        for uri in resource {
            builder = builder.resource(uri);
        }
        for (name, value) in params {
            let value = match self.redacts && is_secret(name) {
                true => "REDACTED",
                false => value,
            };
            builder = builder.param(name, value);
        }
        let format = match args.body.or(profile.body) {
            Some(BodyArg::Json) => BodyFormat::Json,
            Some(BodyArg::Form) | None => BodyFormat::Form,
        };
        builder.body_format(format)
    }

    fn warn_about_override(
        &self,
        key: &str,
        environment: &str,
        of_profile: fn(&Profile) -> Option<&str>,
    ) {
        let profile = self.profile.filter(|_| self.named);
        if let Some(profile) = profile.filter(|profile| of_profile(profile).is_some()) {
            terminal::warning(format_args!(
                "the variable {environment} overrides {key} in the profile {:?}",
                profile.name
            ));
        }
    }

    /// Returns the error of a wrong value, with its origin.
    pub(super) fn blame(&self, error: ConfigError) -> CliError {
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
        match self.sources.origin(name) {
            Some(origin) => CliError::from(error).blaming(origin),
            None => error.into(),
        }
    }
}

/// Warns of spaces that almost no value has, and that an error of the server does not show.
pub(super) fn warn_about_spaces(name: &str, value: &str, origin: &Origin) {
    if value.trim() != value {
        terminal::warning(format_args!(
            "the {name} begins or ends with a space (from {origin})"
        ));
    }
}

/// Returns whether a parameter of this name often holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|part| name.contains(part))
}

const SECRETS: [&str; 9] = [
    "assertion",
    "code",
    "credential",
    "key",
    "pass",
    "pin",
    "pwd",
    "secret",
    "token",
];

/// Parameters that are credentials, and the options for their files.
const CREDENTIALS: [(&str, &str); 4] = [
    ("client_secret", "--client-secret-file"),
    ("client_assertion", "--client-assertion-file"),
    ("assertion", "--grant-assertion-file"),
    ("subject_token", "--subject-token-file"),
];

/// Starts a configuration of this server.
pub(super) fn builder(endpoint: &Endpoint, tenant: &Tenant, client_id: &str) -> ConfigBuilder {
    let edge = |url: &str| {
        Config::builder(url, client_id)
            .audience(tenant.audience())
            .provider(Provider::experience_edge())
    };
    match endpoint {
        Endpoint::ExperienceEdge => edge(tenant.endpoint()),
        Endpoint::ExperienceEdgeAt(url) => edge(url),
        // RFC 6749 allows only ASCII. Some servers allow more, and this one is the user's choice.
        Endpoint::Other(url) => Config::builder(url, client_id).lenient(),
    }
}
