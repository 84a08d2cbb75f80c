//! An assertion in an environment variable.

use std::env;
use std::ffi::OsString;
use std::time::Duration;

use edge_oauth_driver::AssertionSource;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret, printable};
use zeroize::Zeroizing;

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;

/// An environment variable with an assertion.
///
/// The variable does not change while the process runs, so a missing, empty or expired one is a permanent error.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_keys::AssertionVariable;
/// use edge_oauth_no_io::{AssertionRequest, Purpose};
///
/// let source = AssertionVariable::new("LOGIN_TOKEN");
/// let error = source.assertion(&AssertionRequest::new(Purpose::ClientAuth)).unwrap_err();
/// assert!(error.to_string().starts_with("the variable `LOGIN_TOKEN` is not set"));
/// ```
#[derive(Clone, Debug)]
pub struct AssertionVariable {
    name: String,
    platform: Platform,
    clock: Clock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    Any,
    GitLab,
}

impl AssertionVariable {
    /// Returns a source that reads this variable.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            platform: Platform::Any,
            clock: Clock::default(),
        }
    }

    /// Returns a source that reads the ID token of a GitLab job from the variable that `id_tokens:` names. Errors say what to
    /// change in `.gitlab-ci.yml`.
    ///
    /// ```yaml
    /// deploy:
    ///   timeout: 30 minutes # the token is valid as long; without a timeout, 5 minutes
    ///   id_tokens:
    ///     LOGIN_TOKEN:
    ///       aud: https://login.example
    /// ```
    ///
    /// ```no_run
    /// # use edge_oauth_driver::{blocking::TokenSource, testing::ScriptedTransport};
    /// use edge_oauth_keys::AssertionVariable;
    /// use edge_oauth_no_io::{ClientAuth, Config};
    ///
    /// # let transport = ScriptedTransport::new(|_| Ok(http::Response::new(Vec::new())));
    /// let config = Config::builder("https://login.example/token", "my-client")
    ///     .client_auth(ClientAuth::Assertion)
    ///     .build()?;
    /// let source = TokenSource::builder(config)
    ///     .assertion_source(AssertionVariable::gitlab("LOGIN_TOKEN"))
    ///     .build(transport);
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    ///
    /// GitLab makes the token once for each job. A server that accepts each assertion only once lets a job request one
    /// access token.
    pub fn gitlab(name: impl Into<String>) -> Self {
        Self {
            platform: Platform::GitLab,
            ..Self::new(name)
        }
    }

    /// Sets the clock that an expired assertion is found with: the time since the Unix epoch.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    fn read(&self, value: Option<OsString>) -> Result<Secret, CredentialError> {
        let place = format!("the variable `{}`", printable(&self.name, 128));
        let (empty, expired) = match self.platform {
            Platform::Any => (SET_IT, SET_IT_ANEW),
            Platform::GitLab => (NAME_IT, GIVE_IT_TIME),
        };
        let Some(value) = value else {
            return Err(CredentialError::permanent(format_args!(
                "{place} is not set: {empty}"
            )));
        };
        let text = Zeroizing::new(value.into_encoded_bytes());
        let rotation = Rotation::Fixed { empty, expired };
        let assertion = checked(&text, &place, rotation, &self.clock)?;
        let is_jwt = assertion.expose().split('.').count() == 3;
        if self.platform == Platform::GitLab && !is_jwt {
            return Err(CredentialError::permanent(format_args!(
                "{place} is not a JWT, as the ID token of a GitLab job is: {NAME_IT}"
            )));
        }
        Ok(assertion)
    }
}

impl AssertionSource for AssertionVariable {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        self.read(env::var_os(&self.name))
    }
}

const SET_IT: &str = "set it to the assertion before the program starts";
const SET_IT_ANEW: &str =
    "set it to a new one before the program starts, and check the machine's clock";
const NAME_IT: &str = "name it in `id_tokens:` of the job in .gitlab-ci.yml, with the audience (`aud`) that the server \
     expects";
const GIVE_IT_TIME: &str = "GitLab's token is valid for the job's timeout, or for 5 minutes without one: set `timeout:` \
     of the job, or request the access token earlier in it";

#[cfg(test)]
mod tests {
    use super::*;

    /// The claims that GitLab documents, without those of the project.
    const JWT: &str = concat!(
        "eyJhbGciOiJSUzI1NiJ9.",
        // {"iss":"https://gitlab.example.com","sub":"project_path:g/p:ref_type:branch:ref:main",
        //  "aud":"https://login.example","nbf":1681395188,"exp":1681398793}
        "eyJpc3MiOiJodHRwczovL2dpdGxhYi5leGFtcGxlLmNvbSIsInN1YiI6InByb2plY3RfcGF0aDpnL3A6cmVmX3R5cGU6YnJhbmNo",
        "OnJlZjptYWluIiwiYXVkIjoiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwibmJmIjoxNjgxMzk1MTg4LCJleHAiOjE2ODEzOTg3OTN9",
        ".c2ln",
    );

    fn gitlab(value: Option<&str>, now: u64) -> Result<Secret, CredentialError> {
        let source =
            AssertionVariable::gitlab("LOGIN_TOKEN").clock(move || Duration::from_secs(now));
        source.read(value.map(OsString::from))
    }

    #[test]
    fn id_token_of_a_gitlab_job_is_the_assertion_until_it_expires() {
        assert_eq!(gitlab(Some(JWT), 1_681_398_792).unwrap().expose(), JWT);
        let error = gitlab(Some(JWT), 1_681_398_803).unwrap_err();
        assert!(!error.is_transient());
        let shown = error.to_string();
        assert!(shown.contains("`LOGIN_TOKEN` expired 10 s ago"), "{shown}");
        assert!(shown.contains("`timeout:` of the job"), "{shown}");
    }

    #[test]
    fn variable_without_an_id_token_is_an_error_that_names_it_and_id_tokens() {
        // GitLab leaves the name of a variable that it does not know as it is.
        for value in [None, Some(""), Some("$LOGIN_TOKEN"), Some("glpat-token")] {
            let error = gitlab(value, 0).unwrap_err();
            assert!(!error.is_transient());
            let shown = error.to_string();
            assert!(
                shown.starts_with("the variable `LOGIN_TOKEN` is "),
                "{shown}"
            );
            assert!(shown.contains("`id_tokens:` of the job"), "{shown}");
            assert!(!shown.contains("glpat"), "{shown}");
        }
    }
}
