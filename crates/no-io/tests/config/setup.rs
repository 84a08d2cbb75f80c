//! Builders of a test.

use edge_oauth_no_io::{Config, ConfigBuilder, ConfigError, Secret};

pub(crate) const ENDPOINT: &str = "https://login.example/token";

pub(crate) fn builder() -> ConfigBuilder {
    Config::builder(ENDPOINT, "id").client_secret(Secret::new("s3cret"))
}

pub(crate) fn error(builder: ConfigBuilder) -> ConfigError {
    builder.build().unwrap_err()
}

pub(crate) fn with_endpoint(url: &str) -> Result<Config, ConfigError> {
    Config::builder(url, "id")
        .client_secret(Secret::new("s3cret"))
        .build()
}

pub(crate) fn with_credentials(id: &str, secret: &str) -> Result<Config, ConfigError> {
    Config::builder(ENDPOINT, id)
        .client_secret(Secret::new(secret))
        .build()
}
