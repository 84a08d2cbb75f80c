//! The URL of a shared store for the token cache.

use edge_oauth_no_io::Secret;

use crate::args::ClientArgs;
use crate::cache;
use crate::error::{CliError, Exit};
use crate::origin::Origin;
use crate::settings::resolver::Resolver;

impl Resolver<'_> {
    pub(super) fn store(&mut self, args: &ClientArgs) -> Result<Option<Secret>, CliError> {
        let url = self.text(
            STORE,
            ("--store", args.store.as_deref()),
            Some("EDGE_OAUTH_STORE"),
            ("store", |profile| profile.store.as_deref()),
        )?;
        let Some(url) = url else { return Ok(None) };
        let origin = self.sources.origin(STORE);
        if has_password(&url) && !matches!(origin, Some(Origin::Variable(_))) {
            let message = "a store with a password is refused here: others see the arguments of a program, and configuration files are copied";
            return Err(blamed(message, origin).next("set the variable EDGE_OAUTH_STORE"));
        }
        let url = Secret::new(url);
        match cache::check_url(&url) {
            Ok(()) => Ok(Some(url)),
            Err(invalid) => Err(blamed(invalid.reason, origin).next(invalid.next)),
        }
    }
}

fn blamed(message: &str, origin: Option<&Origin>) -> CliError {
    let failure = CliError::new(Exit::Usage, message);
    match origin {
        Some(origin) => failure.blaming(origin),
        None => failure,
    }
}

/// Returns whether the URL has a password, in the user information or, for a socket, in a parameter.
pub(crate) fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':')) || rest.contains("pass=")
}

const STORE: &str = "store";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_found_wherever_it_stands() {
        for url in [
            "redis://:pw@host",
            "rediss://user:pw@host:6380/1",
            "redis://a:b@c@host",
            "redis+unix:///run/redis.sock?user=a&pass=pw",
        ] {
            assert!(has_password(url), "{url}");
        }
        for url in [
            "redis://host",
            "redis://host:6379/1",
            "rediss://user@host:6380",
            "redis+unix:///run/redis.sock",
            "",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }
}
