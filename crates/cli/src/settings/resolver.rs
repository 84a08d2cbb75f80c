//! One value after the other: from the first place that has it, and a note of which that was.

use edge_oauth_no_io::{BasicEncoding, BodyFormat, Config, ConfigError, Secret, Tenant};

use crate::args::{BodyArg, ClientArgs, ClientAuthArg};
use crate::failure::{Exit, Failure};
use crate::profile::Profile;
use crate::settings::{Sources, variable, words_of};
use crate::terminal;

/// Which server is asked.
pub(super) enum Endpoint {
    ExperienceEdge,
    ExperienceEdgeAt(String),
    Other(String),
}

pub(super) struct Resolver<'a> {
    pub(super) profile: Option<&'a Profile>,
    /// By `--profile`: then what takes the place of its values is worth a word.
    pub(super) named: bool,
    pub(super) sources: Sources,
}

impl Resolver<'_> {
    pub(super) fn text(
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

    pub(super) fn endpoint(&mut self, args: &ClientArgs) -> Result<Endpoint, Failure> {
        let url = self.text(
            "endpoint",
            ("--endpoint", args.endpoint.as_deref()),
            Some("SITECORE_AUTH_URL"),
            ("endpoint", |profile| {
                profile.endpoint.as_deref().or(profile.auth_url.as_deref())
            }),
        )?;
        let of_edge = self.is_of_profile("endpoint")
            && self
                .profile
                .is_some_and(|profile| profile.auth_url.is_some());
        Ok(match (url, self.sources.of("endpoint")) {
            (Some(url), Some("SITECORE_AUTH_URL")) => Endpoint::ExperienceEdgeAt(url),
            (Some(url), _) if of_edge => Endpoint::ExperienceEdgeAt(url),
            (Some(url), _) => Endpoint::Other(url),
            (None, _) => {
                self.sources.add("endpoint", "default of Experience Edge");
                Endpoint::ExperienceEdge
            }
        })
    }

    /// Those of the command line take the place of the profile's of the same names.
    pub(super) fn params(&mut self, args: &ClientArgs) -> Result<Vec<(String, String)>, Failure> {
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
    pub(super) fn rest(
        &self,
        config: Config,
        args: &ClientArgs,
        params: &[(String, String)],
    ) -> Result<Config, ConfigError> {
        let empty = Profile::default();
        let profile = self.profile.unwrap_or(&empty);
        let scope = if args.scope.is_empty() {
            &profile.scope
        } else {
            &args.scope
        };
        let mut builder = config.to_builder();
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
            builder = builder.param(name, value);
        }
        builder = match args.client_auth.or(profile.client_auth) {
            Some(ClientAuthArg::Basic) => builder.basic_auth(BasicEncoding::Percent),
            Some(ClientAuthArg::BasicPlus) => builder.basic_auth(BasicEncoding::Plus),
            Some(ClientAuthArg::Body) | None => builder,
        };
        let format = match args.body.or(profile.body) {
            Some(BodyArg::Json) => BodyFormat::Json,
            Some(BodyArg::Form) | None => BodyFormat::Form,
        };
        builder.body_format(format).build()
    }

    pub(super) fn warn_of_override(
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

    /// The profile that was asked for by name, where it says which server is asked or has the secret: then
    /// a secret of the environment is meant for something else.
    pub(super) fn bound(&self) -> Option<&Profile> {
        let bound = |profile: &&Profile| {
            profile.client_secret_file.is_some() || self.is_of_profile("endpoint")
        };
        self.profile.filter(|profile| self.named && bound(profile))
    }

    fn is_of_profile(&self, name: &str) -> bool {
        self.profile
            .is_some_and(|profile| self.sources.of(name) == Some(&words_of(profile)))
    }

    fn words_of_profile(&self) -> String {
        self.profile.map_or_else(String::new, words_of)
    }

    /// A wrong value, with the place that it came from.
    pub(super) fn blame(&self, error: ConfigError) -> Failure {
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

pub(super) fn build(
    endpoint: &Endpoint,
    client_id: &str,
    secret: Secret,
) -> Result<Config, ConfigError> {
    let edge =
        |client_id: &str, secret| Config::experience_edge(Tenant::Current, client_id, secret);
    match endpoint {
        Endpoint::ExperienceEdge => edge(client_id, secret),
        Endpoint::ExperienceEdgeAt(url) => {
            edge(client_id, secret)?.to_builder().endpoint(url).build()
        }
        Endpoint::Other(url) => Config::builder(url, client_id)
            .client_secret(secret)
            .build(),
    }
}
