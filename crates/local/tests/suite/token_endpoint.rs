//! The decisions of the token endpoint: the table of errors, and the token response.

use edge_oauth_local::{Client, ClientKind, Options, PRE_PRODUCTION_AUDIENCE, Simulator};
use http::Request;

use crate::peer::{ask, but, edge, form, good, header, json};

/// Returns the status, error and description of the response to a form with these parameters.
fn refusal(edge: &mut Simulator, parameters: &[(&str, &str)]) -> (u16, String, String) {
    let answer = ask(edge, &form(parameters));
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let body = json(&answer);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (
        answer.status().as_u16(),
        text("error"),
        text("error_description"),
    )
}

fn edge_with(kind: ClientKind) -> Simulator {
    let client = Client::new("local-client", "local-secret").kind(kind);
    Simulator::new(Options::default().client(client), "http://127.0.0.1:1")
}

#[test]
fn a_wrong_secret_or_id_is_401_access_denied() {
    for parameters in [
        but("client_secret", "wrong"),
        but("client_secret", ""),
        but("client_id", "nobody"),
        but("client_id", ""),
    ] {
        let (status, error, description) = refusal(&mut edge(), &parameters);
        assert_eq!(
            (status, &*error, &*description),
            (401, "access_denied", "Unauthorized")
        );
    }
}

#[test]
fn an_unknown_audience_is_403_and_named() {
    let (status, error, description) = refusal(&mut edge(), &but("audience", "https://a.invalid"));
    assert_eq!((status, &*error), (403, "access_denied"));
    assert_eq!(
        description,
        "Service not enabled within domain: https://a.invalid"
    );
}

#[test]
fn no_audience_is_403_about_apiv1() {
    let (status, error, description) = refusal(&mut edge(), &but("audience", ""));
    assert_eq!((status, &*error), (403, "access_denied"));
    assert_eq!(
        description,
        "Non-global clients are not allowed access to APIv1"
    );
}

#[test]
fn a_missing_grant_is_403_and_names_both_sides() {
    let mut edge = edge_with(ClientKind::Automation);
    let (status, error, description) = refusal(&mut edge, &good());
    assert_eq!((status, &*error), (403, "access_denied"));
    assert_eq!(
        description,
        "Client \"local-client\" is not authorized to access resource server \
         \"https://api.sitecorecloud.io\"."
    );
}

#[test]
fn a_client_that_may_not_use_the_grant_is_403_unauthorized_client() {
    let mut edge = edge_with(ClientKind::Interactive);
    let (status, error, description) = refusal(&mut edge, &good());
    assert_eq!((status, &*error), (403, "unauthorized_client"));
    assert!(description.starts_with("Grant type 'client_credentials' not allowed"));
}

#[test]
fn a_missing_grant_type_is_400_invalid_request_and_another_one_unsupported() {
    let (status, error, _) = refusal(&mut edge(), &but("grant_type", ""));
    assert_eq!((status, &*error), (400, "invalid_request"));
    let (status, error, _) = refusal(&mut edge(), &but("grant_type", "password"));
    assert_eq!((status, &*error), (400, "unsupported_grant_type"));
}

#[test]
fn a_good_request_gets_a_token() {
    let answer = ask(&mut edge(), &form(&good()));
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert_eq!(header(&answer, "date"), "Fri, 15 Jan 2027 08:00:00 GMT");
    let body = json(&answer);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 86_400);
    assert_eq!(body["scope"], crate::peer::ALL_SCOPES);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3);
}

#[test]
fn every_known_audience_is_served() {
    let options = Options::default().tenant_id("t1");
    let mut edge = Simulator::new(options, "http://127.0.0.1:1");
    let tenant = "https://delivery.sitecore.cloud/t1";
    for audience in [PRE_PRODUCTION_AUDIENCE, tenant] {
        let answer = ask(&mut edge, &form(&but("audience", audience)));
        assert_eq!(answer.status(), 200, "{audience}");
    }
    let other = but("audience", "https://delivery.sitecore.cloud/t2");
    assert_eq!(ask(&mut edge, &form(&other)).status(), 403);
}

#[test]
fn a_scope_narrows_what_the_client_holds() {
    let client = Client::new("local-client", "local-secret").scopes(["a", "b", "c"]);
    let mut edge = Simulator::new(Options::default().client(client), "http://127.0.0.1:1");
    let mut scope = |asked| json(&ask(&mut edge, &form(&but("scope", asked))))["scope"].clone();
    assert_eq!(scope(""), "a b c");
    assert_eq!(scope(" c  a "), "a c");
}

#[test]
fn scope_that_is_not_granted_is_403_and_named() {
    let client = Client::new("local-client", "local-secret").scopes(["a", "b", "c"]);
    let mut edge = Simulator::new(Options::default().client(client), "http://127.0.0.1:1");
    for (asked, named) in [("x", "x"), ("c x a y", "x, y")] {
        let (status, error, description) = refusal(&mut edge, &but("scope", asked));
        assert_eq!((status, &*error), (403, "access_denied"), "{asked}");
        let expected = format!("Client has not been granted scopes: {named}");
        assert_eq!(description, expected);
    }
    assert_eq!(edge.served().tokens_issued, 0);
}

#[test]
fn a_client_without_scopes_gets_none() {
    let client = Client::new("local-client", "local-secret").scopes([""; 0]);
    let mut edge = Simulator::new(Options::default().client(client), "http://127.0.0.1:1");
    let body = json(&ask(&mut edge, &form(&good())));
    assert!(body.get("scope").is_none());
}

#[test]
fn clients_are_told_apart_and_the_default_one_makes_room() {
    let options = Options::default()
        .client(Client::new("one", "1"))
        .client(Client::new("two", "2"));
    let mut edge = Simulator::new(options, "http://127.0.0.1:1");
    let mut status = |id, secret| {
        let mut parameters = but("client_id", id);
        parameters.retain(|(name, _)| *name != "client_secret");
        parameters.push(("client_secret", secret));
        ask(&mut edge, &form(&parameters)).status().as_u16()
    };
    assert_eq!(status("one", "1"), 200);
    assert_eq!(status("two", "2"), 200);
    assert_eq!(status("one", "2"), 401);
    assert_eq!(status("local-client", "local-secret"), 401);
}

#[test]
fn other_methods_are_405() {
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/oauth/token");
        let answer = ask(&mut edge(), &request.body(Vec::new()).unwrap());
        assert_eq!(answer.status(), 405);
        assert_eq!(header(&answer, "allow"), "POST");
        let message = json(&answer)["message"].as_str().unwrap().to_owned();
        assert!(message.ends_with("one of: POST"), "{message}");
    }
}
