//! The settings of the service, from variables.

use std::error::Error;
use std::net::SocketAddr;

use edge_oauth_reqwest::{Config, Secret, Tenant};
use experience_edge_api::ExperienceEdge;

/// The settings of the service.
#[derive(Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The client and its token endpoint.
    pub config: Config,
    /// The API.
    pub edge: ExperienceEdge,
}

impl Settings {
    /// Reads the settings by this function, such as from the environment.
    ///
    /// # Errors
    ///
    /// Returns an error that names the variable, and never its value: it may be the secret.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Box<dyn Error>> {
        let needed = |name: &str| variable(name).ok_or_else(|| format!("set {name}"));
        let secret = Secret::new(needed("SITECORE_CLIENT_SECRET")?);
        let id = needed("SITECORE_CLIENT_ID")?;
        let mut config = Config::experience_edge(Tenant::Current, id, secret)?.to_builder();
        if let Some(endpoint) = variable("SITECORE_AUTH_URL") {
            config = config.endpoint(&endpoint);
        }
        if let Some(audience) = variable("SITECORE_AUDIENCE") {
            config = config.audience(audience);
        }
        let listen = variable("LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        Ok(Self {
            listen: listen
                .parse()
                .map_err(|_| "set LISTEN to an address and a port, such as 0.0.0.0:8080")?,
            config: config.build()?,
            edge: match variable("SITECORE_EDGE_URL") {
                Some(url) => ExperienceEdge::at(&url)?,
                None => ExperienceEdge::new(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(its_name, _)| *its_name == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn missing_or_wrong_variable_is_named_without_its_value() {
        let secret = ("SITECORE_CLIENT_SECRET", "s3cret");
        let id = ("SITECORE_CLIENT_ID", "id");
        assert_eq!(read(&[id]).unwrap_err(), "set SITECORE_CLIENT_SECRET");
        assert_eq!(read(&[secret]).unwrap_err(), "set SITECORE_CLIENT_ID");
        let error = read(&[id, secret, ("LISTEN", "s3cret")]).unwrap_err();
        assert!(
            error.contains("LISTEN") && !error.contains("s3cret"),
            "{error}"
        );
        assert!(!format!("{:?}", read(&[id, secret]).unwrap()).contains("s3cret"));
    }
}
