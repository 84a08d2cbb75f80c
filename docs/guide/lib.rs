//! The Rust blocks of the guides and of the README, as tests.
#![cfg(doctest)]

macro_rules! guides {
    ($($name:ident: $path:literal)*) => {
        $(#[doc = include_str!($path)] mod $name {})*
    };
}

guides! {
    readme: "../../README.md"
    installing: "installing.md"
    first_token: "first-token.md"
    without_a_secret: "without-a-secret.md"
    threads: "threads.md"
    axum_service: "axum-service.md"
    tower: "tower.md"
    many_clients: "many-clients.md"
    testing: "testing.md"
    errors: "errors.md"
    logs_and_metrics: "logs-and-metrics.md"
    metrics: "metrics.md"
    publish: "publish.md"
    graphql: "graphql.md"
    webhooks: "webhooks.md"
    deployment: "deployment.md"
    another_http_library: "another-http-library.md"
    from_oauth2: "from-oauth2.md"
}
