//! `edge-oauth whoami`: the identity in the token.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Home;
use common::api::Api;
use edge_oauth_local::LocalEdge;

#[test]
fn identity_of_the_client_is_shown() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let out = home.run(["whoami"]).edge(&edge).finish().quiet();
    for line in [
        "client             \"local-client\", its secret from SITECORE_CLIENT_SECRET",
        "kind of client     Edge administration, environment automation",
        "organization       Local organization (org_local)",
        "tenant             local (local-tenant)",
        "APIs of this kind  admin, tokens, publishing, agent, sites, authoring, management, content transfer",
    ] {
        assert!(out.contains(line), "{out}");
    }
    let token = home.run(["token"]).edge(&edge).finish().ok();
    for secret in [token.trim_end(), edge.client_secret()] {
        assert!(!out.contains(secret));
    }
    let json = home
        .run(["whoami", "-o", "json"])
        .edge(&edge)
        .finish()
        .quiet();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["client_id"], edge.client_id());
    assert_eq!(
        json["client_kind"],
        "Edge administration, environment automation"
    );
    assert_eq!(json["apis"][0], "admin");
    assert!(json["expires_at"].is_string());
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn opaque_token_tells_no_identity() {
    let (home, api) = (Home::new(), Api::start());
    let token_url = api.token_url();
    let client = ["whoami", "--endpoint", &token_url, "--client-id", "me"];
    let run = home
        .run(client)
        .env("SITECORE_CLIENT_SECRET", "planted-secret");
    let out = run.finish().quiet();
    assert!(out.contains("tenant             not in the token"), "{out}");
    assert!(out.contains("\"me\""), "{out}");
}
