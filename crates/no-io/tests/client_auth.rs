//! The exact request of each client authentication method and each grant.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, ClientAuth, Grant, GrantAssertion, Provider, Purpose, Secret,
    SecretBytes, token_request, token_response,
};
use http::Request;
use serde_json::{Value, json};

use common::attempt::{config, decoded, extension, first_attempt, jwt, token_exchange};

/// The request as one text.
fn written(request: &Request<SecretBytes>) -> String {
    let headers = request.headers();
    let authorization = headers.get("authorization").map(|value| {
        assert!(value.is_sensitive());
        format!("{}\n", value.to_str().unwrap())
    });
    let length = request.body().as_ref().len().to_string();
    assert_eq!(headers["content-length"], length.as_str());
    assert_eq!(
        (request.method().as_str(), headers["accept"].as_bytes()),
        ("POST", &b"application/json"[..])
    );
    let body = std::str::from_utf8(request.body().as_ref()).unwrap();
    format!("{}{body}", authorization.unwrap_or_default())
}

// fault: tls-client-auth
#[test]
fn client_authentication_method_sends_its_exact_request() {
    let secret = || Secret::new("s3cret&");
    let assertion = "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";
    let by_id = "grant_type=client_credentials&client_id=my+id&scope=a+b";
    for (auth, method, form) in [
        (ClientAuth::None, "none", by_id.to_owned()),
        (
            ClientAuth::ClientSecretPost(secret()),
            "client_secret_post",
            "grant_type=client_credentials&client_id=my+id&client_secret=s3cret%26&scope=a+b"
                .to_owned(),
        ),
        (
            ClientAuth::ClientSecretBasic(secret(), BasicEncoding::Percent),
            "client_secret_basic",
            // my%20id:s3cret%26
            "Basic bXklMjBpZDpzM2NyZXQlMjY=\ngrant_type=client_credentials&scope=a+b".to_owned(),
        ),
        (
            ClientAuth::ClientSecretBasic(secret(), BasicEncoding::Plus),
            "client_secret_basic",
            // my+id:s3cret%26
            "Basic bXkraWQ6czNjcmV0JTI2\ngrant_type=client_credentials&scope=a+b".to_owned(),
        ),
        (
            ClientAuth::ClientSecretBasic(secret(), BasicEncoding::Raw),
            "client_secret_basic",
            // my id:s3cret&
            "Basic bXkgaWQ6czNjcmV0Jg==\ngrant_type=client_credentials&scope=a+b".to_owned(),
        ),
        (
            ClientAuth::ClientSecretJwt(jwt()),
            "client_secret_jwt",
            format!("{by_id}{assertion}SIGNED.c2ln"),
        ),
        (
            ClientAuth::PrivateKeyJwt(jwt()),
            "private_key_jwt",
            format!("{by_id}{assertion}SIGNED.c2ln"),
        ),
        (
            ClientAuth::Assertion,
            "private_key_jwt",
            format!("{by_id}{assertion}made.else.where"),
        ),
        (
            ClientAuth::TlsClientAuth,
            "tls_client_auth",
            by_id.to_owned(),
        ),
    ] {
        assert_eq!(auth.method(), method);
        let config = config(auth, Grant::ClientCredentials, BodyFormat::Form);
        let attempt = first_attempt(&config);
        let input = attempt.signed.first().map_or("", |(_, input)| input);
        assert_eq!(
            written(&attempt.request),
            form.replace("SIGNED", input),
            "{method}"
        );
        // Without an assertion, the function makes the same request.
        let needs_assertion = !(attempt.signed.is_empty() && attempt.asked.is_empty());
        let complete = token_request(&config).map(|request| written(&request));
        assert_eq!(complete, (!needs_assertion).then_some(form), "{method}");
    }
}

#[test]
fn grant_sends_its_exact_request() {
    let urn = "urn%3Aietf%3Aparams%3Aoauth%3A";
    for (grant, form, json) in [
        (
            Grant::ClientCredentials,
            "grant_type=client_credentials&client_id=my+id&scope=a+b".to_owned(),
            r#"{"grant_type":"client_credentials","client_id":"my id","scope":"a b"}"#,
        ),
        (
            Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
            format!(
                "grant_type={urn}grant-type%3Ajwt-bearer&client_id=my+id&scope=a+b&assertion=SIGNED.c2ln"
            ),
            r#"{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","client_id":"my id","scope":"a b","assertion":"SIGNED.c2ln"}"#,
        ),
        (
            Grant::JwtBearer(GrantAssertion::External),
            format!(
                "grant_type={urn}grant-type%3Ajwt-bearer&client_id=my+id&scope=a+b&assertion=made.else.where"
            ),
            r#"{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","client_id":"my id","scope":"a b","assertion":"made.else.where"}"#,
        ),
        (
            token_exchange(),
            format!(
                "grant_type={urn}grant-type%3Atoken-exchange&client_id=my+id\
                 &subject_token_type={urn}token-type%3Ajwt&scope=a+b&subject_token=made.else.where"
            ),
            r#"{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange","client_id":"my id","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","scope":"a b","subject_token":"made.else.where"}"#,
        ),
        (
            extension(),
            "grant_type=urn%3Aexample%3Apin&client_id=my+id&pin=12+34&scope=a+b".to_owned(),
            r#"{"grant_type":"urn:example:pin","client_id":"my id","pin":"12 34","scope":"a b"}"#,
        ),
    ] {
        for (format, expected) in [(BodyFormat::Form, form.as_str()), (BodyFormat::Json, json)] {
            let config = config(ClientAuth::None, grant.clone(), format);
            let attempt = first_attempt(&config);
            let input = attempt.signed.first().map_or("", |(_, input)| input);
            assert_eq!(written(&attempt.request), expected.replace("SIGNED", input));
        }
    }
}

#[test]
fn client_and_grant_each_have_an_assertion_of_their_own() {
    let account = jwt()
        .issuer("issuer")
        .subject("account")
        .lifetime(Duration::MAX);
    let grant = Grant::JwtBearer(GrantAssertion::Jwt(account));
    let auth = ClientAuth::PrivateKeyJwt(jwt().key_id("2026\"11").lifetime(Duration::ZERO));
    let attempt = first_attempt(&config(auth, grant, BodyFormat::Json));
    let [(Purpose::ClientAuth, client), (Purpose::Grant, grant)] = attempt.signed.as_slice() else {
        panic!("{} signatures", attempt.signed.len())
    };
    let json: Value = serde_json::from_slice(attempt.request.body().as_ref()).unwrap();
    assert_eq!(json["client_assertion"], format!("{client}.c2ln"));
    assert_eq!(
        json["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert_eq!(json["assertion"], format!("{grant}.c2ln"));
    let ((client_header, client), (grant_header, grant)) = (decoded(client), decoded(grant));
    assert_eq!(client_header["kid"], "2026\"11");
    assert_eq!(grant_header, json!({"alg": "ES256", "typ": "JWT"}));
    assert_eq!(
        (&client["iss"], &client["sub"]),
        (&json!("my id"), &json!("my id"))
    );
    assert_eq!(
        (&grant["iss"], &grant["sub"]),
        (&json!("issuer"), &json!("account"))
    );
    assert_ne!(client["jti"], grant["jti"]);
    // A lifetime is clamped to a second and to an hour.
    assert_eq!(client["exp"], 1_800_000_001);
    assert_eq!(grant["exp"], 1_800_003_600);
}

#[test]
fn method_grant_and_format_together_send_their_exact_request() {
    let secret = || Secret::new("s3cret&\"");
    let by_id = ("&client_id=my+id", r#","client_id":"my id""#);
    let none = ("", "");
    let jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let assertion = |value: &str| {
        let form = "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        (
            format!("{form}&client_assertion={value}"),
            format!(r#","client_assertion_type":"{jwt_bearer}","client_assertion":"{value}""#),
        )
    };
    let no_assertion = || (String::new(), String::new());
    let basic = |encoding| ClientAuth::ClientSecretBasic(secret(), encoding);
    // The header, the client's own parameters as form and as JSON, and those that an assertion adds.
    let methods = [
        (ClientAuth::None, "", by_id, no_assertion()),
        (ClientAuth::TlsClientAuth, "", by_id, no_assertion()),
        (
            ClientAuth::ClientSecretPost(secret()),
            "",
            (
                "&client_id=my+id&client_secret=s3cret%26%22",
                r#","client_id":"my id","client_secret":"s3cret&\"""#,
            ),
            no_assertion(),
        ),
        (
            basic(BasicEncoding::Percent),
            // my%20id:s3cret%26%22
            "Basic bXklMjBpZDpzM2NyZXQlMjYlMjI=\n",
            none,
            no_assertion(),
        ),
        (
            basic(BasicEncoding::Plus),
            // my+id:s3cret%26%22
            "Basic bXkraWQ6czNjcmV0JTI2JTIy\n",
            none,
            no_assertion(),
        ),
        (
            basic(BasicEncoding::Raw),
            // my id:s3cret&"
            "Basic bXkgaWQ6czNjcmV0JiI=\n",
            none,
            no_assertion(),
        ),
        (
            ClientAuth::ClientSecretJwt(jwt()),
            "",
            by_id,
            assertion("CLIENT.c2ln"),
        ),
        (
            ClientAuth::PrivateKeyJwt(jwt()),
            "",
            by_id,
            assertion("CLIENT.c2ln"),
        ),
        (
            ClientAuth::Assertion,
            "",
            by_id,
            assertion("made.else.where"),
        ),
    ];
    // The grant's type and assertion, as form and as JSON.
    let grants = [
        (Grant::ClientCredentials, ["client_credentials"; 2], ""),
        (
            Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
            [
                "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            "GRANT.c2ln",
        ),
        (
            Grant::JwtBearer(GrantAssertion::External),
            [
                "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            "made.else.where",
        ),
    ];
    for (auth, header, client, added) in &methods {
        for (grant, [form_type, json_type], grant_assertion) in &grants {
            let (form_grant, json_grant) = match *grant_assertion {
                "" => (String::new(), String::new()),
                value => (
                    format!("&assertion={value}"),
                    format!(r#","assertion":"{value}""#),
                ),
            };
            let form = format!(
                "{header}grant_type={form_type}{}&scope=a+b{}{form_grant}",
                client.0, added.0
            );
            let json = format!(
                r#"{header}{{"grant_type":"{json_type}"{},"scope":"a b"{}{json_grant}}}"#,
                client.1, added.1
            );
            for (format, content_type, expected) in [
                (BodyFormat::Form, "application/x-www-form-urlencoded", form),
                (BodyFormat::Json, "application/json", json),
            ] {
                let config = config(auth.clone(), grant.clone(), format);
                let attempt = first_attempt(&config);
                let mut expected = expected;
                for (purpose, input) in &attempt.signed {
                    let place = match purpose {
                        Purpose::ClientAuth => "CLIENT",
                        _ => "GRANT",
                    };
                    expected = expected.replace(place, input);
                }
                assert_eq!(written(&attempt.request), expected, "{}", auth.method());
                let request = &attempt.request;
                assert_eq!(request.headers()["content-type"], content_type);
                assert_eq!(request.uri(), "https://login.example/token");
                // Accept, content-length and content-type, and the credentials.
                let headers = 3 + usize::from(!header.is_empty());
                assert_eq!(request.headers().len(), headers, "{}", auth.method());
            }
        }
    }
}

// fault: hint-about-a-secret-that-is-not-sent
#[test]
fn hint_about_credentials_names_those_that_the_request_carries() {
    let secret = || Secret::new("s3cret&");
    for (auth, names) in [
        (ClientAuth::None, "choose a method"),
        (ClientAuth::ClientSecretPost(secret()), "client secret"),
        (
            ClientAuth::ClientSecretJwt(jwt()),
            "client secret that signs",
        ),
        (
            ClientAuth::PrivateKeyJwt(jwt()),
            "the public key is registered",
        ),
        (ClientAuth::Assertion, "only once"),
        (ClientAuth::TlsClientAuth, "presents a certificate"),
    ] {
        let edge = config(auth, Grant::ClientCredentials, BodyFormat::Form);
        let json = edge.to_builder().body_format(BodyFormat::Json).build();
        let sends_secret = edge.client_auth().secret().is_some();
        for config in [
            edge.to_builder()
                .provider(Provider::experience_edge())
                .build()
                .unwrap(),
            json.unwrap(),
            edge,
        ] {
            for (status, body) in [
                (401, ""),
                (
                    401,
                    r#"{"error":"access_denied","error_description":"Unauthorized"}"#,
                ),
                (400, r#"{"error":"invalid_client"}"#),
                (400, "{}"),
                (403, ""),
            ] {
                let response = http::Response::builder().status(status).body(body).unwrap();
                let error = token_response(&config, &response).unwrap_err();
                let hint = error.hint().unwrap();
                assert!(hint.contains(names), "{status} {body}: {hint}");
                let speaks_of_secret =
                    hint.contains("or the client secret is wrong") || hint.contains("in the body");
                assert!(sends_secret || !speaks_of_secret, "{status} {body}: {hint}");
            }
        }
    }
}

// fault: client-certificate-is-not-accepted
#[test]
fn web_page_may_be_about_the_client_certificate() {
    let auths = [ClientAuth::TlsClientAuth, ClientAuth::Assertion];
    let hints = auths.map(|auth| {
        let config = config(auth, Grant::ClientCredentials, BodyFormat::Form);
        let page = "<html>400 No required SSL certificate was sent</html>";
        let response = http::Response::builder().status(400).body(page).unwrap();
        token_response(&config, &response)
            .unwrap_err()
            .hint()
            .unwrap()
    });
    assert!(
        hints[0].contains("the client certificate is missing"),
        "{}",
        hints[0]
    );
    assert!(!hints[1].contains("certificate"), "{}", hints[1]);
}
