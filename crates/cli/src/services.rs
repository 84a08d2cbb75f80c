//! The services of Sitecore that accept the token: their URLs, and the kind of client that each of them expects.

use http::Uri;

/// A kind of client, as the Deploy app creates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientKind {
    EdgeAdministration,
    EnvironmentAutomation,
    OrganizationAutomation,
}

impl ClientKind {
    /// Returns the kinds that these scopes belong to: one, or more for a client of a local Edge. Empty if the scopes
    /// tell nothing.
    pub(crate) fn from_scope(scope: &str) -> Vec<Self> {
        let has = |prefix: &str| scope.split(' ').any(|one| one.starts_with(prefix));
        let is_of_organization = has("xmclouddeploy.");
        let is_of_environment = !is_of_organization && (has("xmcloud.cm:") || has("xmcpub."));
        let kinds = [
            (has("edge."), Self::EdgeAdministration),
            (is_of_environment, Self::EnvironmentAutomation),
            (is_of_organization, Self::OrganizationAutomation),
        ];
        let kinds = kinds.into_iter().filter(|(is_known, _)| *is_known);
        kinds.map(|(_, kind)| kind).collect()
    }

    /// Returns the names of some kinds for people.
    pub(crate) fn names(kinds: &[Self], separator: &str) -> String {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
        names.join(separator)
    }

    /// Returns the name for people.
    fn name(self) -> &'static str {
        match self {
            Self::EdgeAdministration => "Edge administration",
            Self::EnvironmentAutomation => "environment automation",
            Self::OrganizationAutomation => "organization automation",
        }
    }
}

/// A service.
#[derive(Debug)]
pub(crate) struct Service {
    /// The first word of a path, such as `deploy`.
    pub(crate) name: &'static str,
    /// The host, or `None` if it is the host of the user's own environment.
    pub(crate) host: Option<&'static str>,
    /// The beginning of all paths.
    pub(crate) path: &'static str,
    pub(crate) kinds: &'static [ClientKind],
    /// The scopes that a token needs, for people.
    pub(crate) scopes: &'static str,
}

impl Service {
    /// Returns the service of this name that has a host of its own.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        let mut services = SERVICES.iter();
        services.find(|service| service.name == name && service.host.is_some())
    }

    /// Returns the service at this URL. The loopback, such as a local Edge, may be any host.
    pub(crate) fn at(uri: &Uri, is_local: bool) -> Option<&'static Self> {
        let host = uri.host().unwrap_or_default();
        let is_within = |service: &&Self| {
            let rest = uri.path().strip_prefix(service.path);
            let has_path = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let has_host = match service.host {
                Some(own) => is_local || host.eq_ignore_ascii_case(own),
                None => is_local || host.ends_with(".sitecorecloud.io"),
            };
            has_path && has_host && !(is_local && service.path.is_empty())
        };
        SERVICES.iter().find(is_within)
    }

    /// Returns whether a client of one of these kinds can call it.
    pub(crate) fn accepts(&self, kinds: &[ClientKind]) -> bool {
        kinds.iter().any(|kind| self.kinds.contains(kind))
    }

    /// Returns the kinds of client for people.
    pub(crate) fn kinds_text(&self) -> String {
        ClientKind::names(self.kinds, " or ")
    }
}

/// Returns the names for people.
pub(crate) fn names() -> String {
    let with_host = SERVICES.iter().filter(|service| service.host.is_some());
    let names: Vec<_> = with_host.map(|service| service.name).collect();
    names.join(", ")
}

use ClientKind::{EdgeAdministration, EnvironmentAutomation, OrganizationAutomation};

/// The services, as the public pages describe them. A more particular path comes first.
pub(crate) const SERVICES: &[Service] = &[
    Service {
        name: "admin",
        host: Some(EDGE),
        path: "/api/admin/v1",
        kinds: &[EdgeAdministration],
        scopes: "edge.*",
    },
    Service {
        name: "tokens",
        host: Some(EDGE),
        path: "/api/apikey/v1",
        kinds: &[EdgeAdministration],
        scopes: "edge.tokens:*",
    },
    Service {
        name: "publishing",
        host: Some(PLATFORM),
        path: "/authoring/publishing/v1",
        kinds: &[EnvironmentAutomation],
        scopes: "xmcpub.*",
    },
    Service {
        name: "agent",
        host: Some(PLATFORM),
        path: "/stream/ai-agent-api",
        kinds: &[EnvironmentAutomation],
        scopes: "xmcloud.cm:admin",
    },
    Service {
        name: "sites",
        host: Some("xmapps-api.sitecorecloud.io"),
        path: "/api/v1",
        kinds: &[EnvironmentAutomation],
        scopes: "xmcloud.cm:admin",
    },
    Service {
        name: "deploy",
        host: Some("xmclouddeploy-api.sitecorecloud.io"),
        path: "",
        kinds: &[OrganizationAutomation],
        scopes: "xmclouddeploy.*:manage",
    },
    Service {
        name: "monitoring",
        host: Some("xmcloud-monitoring-api.sitecorecloud.io"),
        path: "",
        kinds: &[OrganizationAutomation],
        scopes: "xmclouddeploy.*:manage",
    },
    Service {
        name: "authoring",
        host: None,
        path: "/sitecore/api/authoring/graphql/v1",
        kinds: &[EnvironmentAutomation, OrganizationAutomation],
        scopes: "xmcloud.cm:admin",
    },
    Service {
        name: "management",
        host: None,
        path: "/sitecore/api/management",
        kinds: &[EnvironmentAutomation, OrganizationAutomation],
        scopes: "xmcloud.cm:admin",
    },
    Service {
        name: "content transfer",
        host: None,
        path: "/sitecore/api/content/transfer/v1",
        kinds: &[EnvironmentAutomation],
        scopes: "xmcloud.cm:admin",
    },
];

const EDGE: &str = "edge.sitecorecloud.io";
const PLATFORM: &str = "edge-platform.sitecorecloud.io";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_is_found_by_host_and_path() {
        let at = |url: &str, is_local| Service::at(&url.parse().unwrap(), is_local).map(|s| s.name);
        let edge = "https://edge.sitecorecloud.io/api/admin/v1/settings";
        assert_eq!(at(edge, false), Some("admin"));
        assert_eq!(
            at("https://edge.sitecorecloud.io/api/admin/v10", false),
            None
        );
        let deploy = "https://xmclouddeploy-api.sitecorecloud.io/api/projects/v2";
        assert_eq!(at(deploy, false), Some("deploy"));
        let cm = "https://cm.sitecorecloud.io/sitecore/api/authoring/graphql/v1";
        assert_eq!(at(cm, false), Some("authoring"));
        assert_eq!(
            at("https://cm.example/sitecore/api/management", false),
            None
        );
        assert_eq!(
            at("http://127.0.0.1:1/authoring/publishing/v1/jobs", true),
            Some("publishing")
        );
        assert_eq!(at("http://127.0.0.1:1/other", true), None);
    }

    #[test]
    fn kind_of_client_is_read_from_its_scopes() {
        let kind = ClientKind::from_scope;
        assert_eq!(
            kind("edge.tokens:create edge.tokens:read"),
            [EdgeAdministration]
        );
        assert_eq!(
            kind("xmcloud.cm:admin xmcpub.jobs.t:r"),
            [EnvironmentAutomation]
        );
        let organization = "xmclouddeploy.projects:manage xmcloud.cm:admin";
        assert_eq!(kind(organization), [OrganizationAutomation]);
        assert_eq!(
            kind("edge.content:clearall xmcpub.jobs.a:w"),
            [EdgeAdministration, EnvironmentAutomation]
        );
        assert!(kind("openid").is_empty());
    }
}
