//! `oidc-provider`, over http and over https.

use std::sync::LazyLock;
use std::time::Duration;

use edge_oauth_conformance::{Authority, Subject};
use edge_oauth_interop::Oidc;
use edge_oauth_no_io::{BasicEncoding, BodyFormat, Config, Culprit, Secret, TokenError};
use serde_json::Value;

use crate::clients::{AWKWARD, PRINTABLE, SECRET};
use crate::credentials::{clients, fetch};

pub(crate) fn token_for_a_resource_is_a_jwt<S: Subject>() {
    each(|subject: &S, oidc| {
        let config = oidc
            .config()
            .to_builder()
            .resource(RESOURCE)
            .build()
            .unwrap();
        let config = config.to_builder().scope("read").build().unwrap();
        let token = fetch(subject, &config).unwrap();
        assert_eq!(token.expires_in(), Some(Duration::from_secs(600)));
        assert_eq!(token.scope(), Some("read"));
        let claims = token.claims().unwrap();
        assert_eq!(claims.header("alg").as_deref(), Some("RS256"));
        assert_eq!(claims.get("iss"), Some(oidc.peer.url("")));
        assert_eq!(claims.get("aud").as_deref(), Some(RESOURCE));
        assert_eq!(claims.get("client_id").as_deref(), Some("my-client"));
        let life = claims.expires_at().unwrap() - claims.issued_at().unwrap();
        assert_eq!(Some(life), token.expires_in());
    });
}

pub(crate) fn token_without_a_resource_is_opaque<S: Subject>() {
    each(|subject: &S, oidc| {
        let token = fetch(subject, &oidc.config()).unwrap();
        assert_eq!(token.expires_in(), Some(Duration::from_secs(60)));
        assert_eq!((token.scope(), token.claims()), (None, None));
    });
}

// fault: colon-in-the-credentials, space-in-basic-credentials
// This server decodes Basic strictly, as RFC 6749 Appendix B describes it
pub(crate) fn credentials_with_every_character_are_accepted<S: Subject>() {
    each(|subject: &S, oidc| {
        for (id, secret) in [("my-client", SECRET), AWKWARD, (&PRINTABLE, &PRINTABLE)] {
            for auth in WAYS {
                let config = config_by(auth, &oidc.token_url, id, secret);
                let token = fetch(subject, &config);
                let token = token.unwrap_or_else(|error| panic!("{id} by {auth:?}: {error}"));
                assert_eq!(
                    token.claims().unwrap().get("client_id").as_deref(),
                    Some(id)
                );
            }
        }
    });
}

// fault: invalid-client
pub(crate) fn wrong_secret_is_a_permanent_error<S: Subject>() {
    each(|subject: &S, oidc| {
        for auth in WAYS {
            for (id, secret) in [("my-client", "not-my-secret"), ("nobody", SECRET)] {
                let config = config_by(auth, &oidc.token_url, id, secret);
                let error = fetch(subject, &config).unwrap_err();
                refused(&error, 401, "invalid_client");
                assert_eq!(error.description(), Some("client authentication failed"));
                assert!(error.hint().is_some());
            }
        }
    });
}

// fault: other-oauth-errors
// This server accepts only forms
pub(crate) fn json_is_a_permanent_error<S: Subject>() {
    each(|subject: &S, oidc| {
        let config = oidc
            .config()
            .to_builder()
            .body_format(BodyFormat::Json)
            .build()
            .unwrap();
        let error = fetch(subject, &config).unwrap_err();
        refused(&error, 400, "invalid_request");
    });
}

// fault: other-oauth-errors, several-resources
// RFC 8707 calls this invalid_target; this server grants one resource at a time
pub(crate) fn unknown_resource_is_a_permanent_error<S: Subject>() {
    each(|subject: &S, oidc| {
        for (resources, said) in [
            (&["https://other.example/"][..], "unknown"),
            (
                &[RESOURCE, "https://api.example/b"],
                "only a single resource",
            ),
        ] {
            let mut config = oidc.config();
            for resource in resources {
                config = config.to_builder().resource(*resource).build().unwrap();
            }
            let error = fetch(subject, &config).unwrap_err();
            refused(&error, 400, "invalid_target");
            assert!(error.description().unwrap().contains(said), "{error}");
        }
    });
}

// fault: scope-that-was-not-requested
// This server omits the scopes that it does not grant
pub(crate) fn unknown_scope_is_not_granted<S: Subject>() {
    each(|subject: &S, oidc| {
        let config = oidc
            .config()
            .to_builder()
            .resource(RESOURCE)
            .build()
            .unwrap();
        let config = config.to_builder().scope("admin").build().unwrap();
        assert_eq!(fetch(subject, &config).unwrap().scope(), None);
        let config = config.to_builder().scope("read").build().unwrap();
        assert_eq!(fetch(subject, &config).unwrap().scope(), Some("read"));
    });
}

/// One provider serves all tests of a process, and ends with it.
pub(crate) struct Provider {
    pub(crate) peer: Oidc,
    pub(crate) token_url: String,
}

impl Provider {
    fn new(peer: Oidc) -> Self {
        let token_url = peer.url("/token");
        Self { peer, token_url }
    }

    pub(crate) fn config(&self) -> Config {
        let config = Config::builder(&self.token_url, "my-client")
            .client_secret(Secret::new(SECRET))
            .build();
        config
            .unwrap()
            .to_builder()
            .basic_auth(BasicEncoding::Percent)
            .build()
            .unwrap()
    }
}

/// The transport's own client over http, and one that trusts the server over https.
fn each<S: Subject>(case: impl Fn(&S, &Provider)) {
    case(&S::new(), &HTTP);
    case(&S::trusting(&AUTHORITY.pem()), &HTTPS);
}

#[track_caller]
fn refused(error: &TokenError, status: u16, code: &str) {
    assert_eq!(error.status().unwrap(), status, "{error}");
    assert_eq!(error.code(), Some(code), "{error}");
    assert_eq!(error.culprit(), Culprit::Config, "{error}");
    assert!(!error.is_transient(), "{error}");
}

pub(crate) static HTTP: LazyLock<Provider> = LazyLock::new(|| {
    let clients = Value::from(clients()).to_string();
    Provider::new(Oidc::http(&clients))
});

static HTTPS: LazyLock<Provider> = LazyLock::new(|| Provider::new(Oidc::https(&AUTHORITY)));

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("ours"));

pub(crate) const RESOURCE: &str = "https://api.example/a";

/// The secret in the body, and in each encoding of Basic that this server decodes.
const WAYS: [Option<BasicEncoding>; 3] = [
    None,
    Some(BasicEncoding::Percent),
    Some(BasicEncoding::Plus),
];

fn config_by(way: Option<BasicEncoding>, url: &str, id: &str, secret: &str) -> Config {
    let builder = Config::builder(url, id)
        .client_secret(Secret::new(secret))
        .resource(RESOURCE);
    let builder = match way {
        Some(encoding) => builder.basic_auth(encoding),
        None => builder,
    };
    builder.build().unwrap()
}
