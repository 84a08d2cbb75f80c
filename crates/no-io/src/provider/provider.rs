//! A provider: hints, the origins that its tokens may go to, and the words of a rejected token.

use std::fmt;

use http::{StatusCode, Uri};

use crate::origin::origin::{Origin, Target};
use crate::provider::experience_edge;
use crate::provider::kind::Kind;

/// The knowledge about one provider that the OAuth standards leave open.
///
/// ```
/// use edge_oauth_no_io::{Origin, Provider};
///
/// let provider = Provider::standard().origin(Origin::from_url("https://api.example")?);
/// assert!(provider.allows(&"https://api.example/things".parse().unwrap()));
/// assert!(!provider.allows(&"https://other.example/".parse().unwrap()));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Provider {
    kind: &'static Kind,
    origins: Vec<Origin>,
}

impl Provider {
    /// Returns a server that is known by the standards only. Its tokens may go to any `https` URL.
    pub fn standard() -> Self {
        Self::from_kind(&STANDARD)
    }

    /// Returns Sitecore Experience Edge. Its tokens may go to hosts of `sitecorecloud.io` and `sitecore.cloud`, and to
    /// the loopback.
    pub fn experience_edge() -> Self {
        Self::from_kind(&experience_edge::KIND)
    }

    fn from_kind(kind: &'static Kind) -> Self {
        Self {
            kind,
            origins: Vec::new(),
        }
    }

    /// Allows tokens to go to this origin. For a standard server, the first origin that is named forbids all others.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Returns the name, such as `Experience Edge`.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// Returns whether a token may be sent to this URL: over `https` or to the loopback (RFC 6750 §5.3), and to no
    /// other host than the provider's and the origins that were named.
    pub fn allows(&self, uri: &Uri) -> bool {
        let Some(target) = Target::of(uri).filter(Target::is_secure) else {
            return false;
        };
        if self.origins.iter().any(|origin| origin.is_of(&target)) {
            return true;
        }
        match self.kind.domains {
            [] => self.origins.is_empty(),
            domains => {
                target.is_loopback() || domains.iter().any(|domain| target.is_within(domain))
            }
        }
    }

    pub(crate) fn hint(
        &self,
        status: StatusCode,
        code: Option<&str>,
        description: Option<&str>,
    ) -> Option<&'static str> {
        (self.kind.hint)(status, code, description)
    }

    /// Returns whether this text of a 403 means a rejected token.
    pub(crate) fn says_expired(&self, text: &str) -> bool {
        let text = text.trim().trim_end_matches('.');
        self.kind
            .expired
            .iter()
            .any(|expired| text.eq_ignore_ascii_case(expired))
    }

    pub(crate) fn has_expired_texts(&self) -> bool {
        !self.kind.expired.is_empty()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.kind.name)
            .field("origins", &self.origins)
            .finish()
    }
}

/// Providers are equal if they are of one kind and allow the same origins.
impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.kind.name == other.kind.name && self.origins == other.origins
    }
}

impl Eq for Provider {}

const STANDARD: Kind = Kind {
    name: "a standard server",
    hint: |_, _, _| None,
    domains: &[],
    expired: &[],
};
