//! A token by each method of client authentication and each grant, from a server that records its requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

#[cfg(unix)]
use std::fs;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use common::authority::Authority;
use common::keys::{Key, jwt, private};
use common::{Home, Run};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use ring::hmac;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};

fn token(home: &Home, authority: &Authority, arguments: &[&str]) -> Run {
    let server = ["--client-id", "my-client", "--endpoint", authority.url()];
    home.run([&["token"], &server[..], arguments].concat())
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Checks the claims of an assertion that the program made.
#[track_caller]
fn check(claims: &Value, audience: &str, subject: &str) {
    assert_eq!(claims["iss"], "my-client");
    assert_eq!(claims["sub"], subject);
    assert_eq!(claims["aud"], audience);
    let time = |name: &str| claims[name].as_u64().unwrap();
    assert_eq!(time("exp") - time("iat"), 60);
    assert!(time("iat") <= now(), "{claims}");
    assert!(claims["jti"].as_str().unwrap().len() > 16, "{claims}");
}

#[test]
fn private_key_signs_a_new_assertion_for_each_request() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    let arguments = [
        "--key-file",
        "key.pem",
        "--key-id",
        "2026-11",
        "--force-refresh",
    ];
    let mut ids = Vec::new();
    for _ in 0..2 {
        assert_eq!(
            token(&home, &authority, &arguments).finish().quiet(),
            "t0ken\n"
        );
        let request = authority.last();
        assert_eq!(request.param("client_id").unwrap(), "my-client");
        assert_eq!(
            request.param("client_assertion_type").unwrap(),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let (header, claims) = key.verify(&request.param("client_assertion").unwrap());
        assert_eq!(
            header,
            json!({ "alg": "ES256", "typ": "JWT", "kid": "2026-11" })
        );
        check(&claims, authority.url(), "my-client");
        ids.push(claims["jti"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn key_may_be_der_or_a_jwk_and_the_audience_another() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    private(&home, "key.der", key.0.serialize_der());
    let arguments = [
        "--key-file",
        "key.der",
        "--assertion-audience",
        "https://login.example",
    ];
    token(&home, &authority, &arguments).finish().quiet();
    let (_, claims) = key.verify(&authority.last().param("client_assertion").unwrap());
    check(&claims, "https://login.example", "my-client");

    let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"of-jwk","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    private(&home, "key.jwk", jwk);
    token(&home, &authority, &["--key-file", "key.jwk"])
        .finish()
        .quiet();
    let assertion = authority.last().param("client_assertion").unwrap();
    let (header, _) = common::keys::read(&assertion);
    assert_eq!(
        header,
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": "of-jwk" })
    );
}

#[test]
fn client_secret_signs_without_being_sent() {
    let (home, authority) = (Home::new(), Authority::start());
    let secret = "a client secret of 32 characters";
    let arguments = ["--client-auth", "client-secret-jwt"];
    let run = token(&home, &authority, &arguments).env("SITECORE_CLIENT_SECRET", secret);
    run.finish().quiet();
    let request = authority.last();
    assert!(!request.body.contains("client_secret=") && !request.body.contains("characters"));
    let assertion = request.param("client_assertion").unwrap();
    let (input, signature) = assertion.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let encoded =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature);
    hmac::verify(&key, input.as_bytes(), &encoded.unwrap()).unwrap();
    let (_, claims) = common::keys::read(&assertion);
    check(&claims, authority.url(), "my-client");

    let run = token(&home, &authority, &arguments).env("SITECORE_CLIENT_SECRET", "short");
    let err = run.finish().fails(3);
    assert!(err.contains("40 bits") && !err.contains("short\n"), "{err}");
}

#[test]
fn assertion_of_a_platform_is_passed_on() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "sub": "system:serviceaccount:a:b", "exp": now() + 600 }));
    private(&home, "assertion", format!("{assertion}\n"));
    let by_file = ["--no-cache", "--client-assertion-file", "assertion"];
    let by_variable = ["--no-cache", "--client-assertion-env", "ID_TOKEN"];
    for arguments in [by_file, by_variable] {
        token(&home, &authority, &arguments)
            .env("ID_TOKEN", &assertion)
            .finish()
            .quiet();
        let request = authority.last();
        assert_eq!(request.param("client_assertion").unwrap(), assertion);
        assert_eq!(request.param("client_id").unwrap(), "my-client");
    }
}

#[cfg(unix)]
#[test]
fn command_prints_the_assertion_of_a_platform() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "sub": "system:serviceaccount:a:b", "exp": now() + 600 }));
    private(&home, "assertion", format!("{assertion}\n"));
    let run = |line: &str| {
        let arguments = ["--no-cache", "--client-assertion-command", line];
        token(&home, &authority, &arguments).finish()
    };
    run("cat assertion").quiet();
    let request = authority.last();
    assert_eq!(request.param("client_assertion").unwrap(), assertion);
    let url = authority.url();
    home.configure(&format!(
        "[profiles.default]\nclient_id = \"my-client\"\nendpoint = {url:?}\nclient_assertion_command = \"cat assertion\"\n"
    ));
    home.run(["token", "--no-cache"]).finish().quiet();
    let request = authority.last();
    assert_eq!(request.param("client_assertion").unwrap(), assertion);
    let count = authority.requests().len();
    for (line, cause) in [
        ("exit 3", "the command for the client assertion failed"),
        (
            "printf ''",
            "the output of the command for the client assertion is empty",
        ),
    ] {
        let err = run(line).fails(3);
        assert!(err.contains(cause), "{err}");
        assert!(err.contains("a variable or the profile has it"), "{err}");
    }
    assert_eq!(authority.requests().len(), count);
}

// fault: command-that-runs-twice
#[cfg(unix)]
#[test]
fn command_runs_once_for_each_token_request() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "sub": "system:serviceaccount:a:b", "exp": now() + 600 }));
    private(&home, "assertion", format!("{assertion}\n"));
    let line = "echo run >> runs; cat assertion";
    let arguments = ["--no-cache", "--client-assertion-command", line];
    token(&home, &authority, &arguments).finish().quiet();
    assert_eq!(fs::read_to_string(home.path.join("runs")).unwrap(), "run\n");
}

// fault: assertion-in-place-of-its-command
#[test]
fn assertion_in_place_of_its_command_is_not_repeated() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "sub": "system:serviceaccount:a:b", "exp": now() + 600 }));
    let arguments = ["--no-cache", "--client-assertion-command", &assertion];
    let err = token(&home, &authority, &arguments).finish().fails(2);
    assert!(
        err.contains("--client-assertion-command has no usable value"),
        "{err}"
    );
    assert!(!err.contains(&assertion), "{err}");
}

#[test]
fn expired_assertion_ends_the_run_at_once() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "exp": 1_000_000_000 }));
    private(&home, "assertion", &assertion);
    for arguments in [
        ["--client-assertion-file", "assertion"],
        ["--client-assertion-env", "ID_TOKEN"],
    ] {
        let run = token(&home, &authority, &arguments).env("ID_TOKEN", &assertion);
        let err = run.finish().fails(3);
        assert!(err.contains("expired") && !err.contains("pl4nted"), "{err}");
    }
    let err = token(&home, &authority, &["--client-assertion-env", "UNSET"])
        .finish()
        .fails(3);
    assert!(err.contains("UNSET") && err.contains("is not set"), "{err}");
    assert!(authority.requests().is_empty());
}

#[test]
fn client_without_a_credential_sends_its_id_and_caches_no_token() {
    let (home, authority) = (Home::new(), Authority::start());
    for _ in 0..2 {
        token(&home, &authority, &["--client-auth", "none"])
            .finish()
            .quiet();
        assert_eq!(
            authority.last().body,
            "grant_type=client_credentials&client_id=my-client"
        );
    }
    assert_eq!(
        authority.requests().len(),
        2,
        "everybody could open the cache"
    );
    assert!(!home.cache().exists());
}

#[test]
fn each_grant_sends_its_credential() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    let subject = jwt(&json!({ "sub": "someone", "exp": now() + 600 }));
    private(&home, "subject", &subject);
    private(&home, "pin", "12 34\n");
    let send = |arguments: &[&str]| {
        let run = token(
            &home,
            &authority,
            &[&["--no-cache", "--client-auth", "none"], arguments].concat(),
        );
        run.env("SUBJECT", &subject).finish().quiet();
        authority.last()
    };
    let exchange = send(&[
        "--grant",
        "token-exchange",
        "--subject-token-file",
        "subject",
    ]);
    assert_eq!(exchange.param("subject_token").unwrap(), subject);
    let external = send(&["--grant", "jwt-bearer", "--grant-assertion-env", "SUBJECT"]);
    assert_eq!(external.param("assertion").unwrap(), subject);
    let signed = send(&[
        "--grant",
        "jwt-bearer",
        "--key-file",
        "key.pem",
        "--assertion-subject",
        "someone",
    ]);
    let (_, claims) = key.verify(&signed.param("assertion").unwrap());
    check(&claims, authority.url(), "someone");
    assert_eq!(signed.param("client_assertion"), None);
    let extension = send(&["--grant", "urn:example:grant", "--param-file", "pin=pin"]);
    assert_eq!(extension.param("grant_type").unwrap(), "urn:example:grant");
    assert_eq!(extension.param("pin").unwrap(), "12 34");

    // A key also authenticates the client, unless the method differs.
    let arguments = [
        "--no-cache",
        "--grant",
        "jwt-bearer",
        "--key-file",
        "key.pem",
    ];
    token(&home, &authority, &arguments).finish().quiet();
    let both = authority.last();
    for name in ["assertion", "client_assertion"] {
        key.verify(&both.param(name).unwrap());
    }
}

// fault: cached-token-of-another-subject
#[test]
fn cached_token_opens_for_the_same_credentials_alone() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    let other = Key::new();
    other.write(&home, "other.pem");
    private(
        &home,
        "one",
        jwt(&json!({ "sub": "one", "exp": now() + 600 })),
    );
    private(
        &home,
        "two",
        jwt(&json!({ "sub": "two", "exp": now() + 600 })),
    );
    private(&home, "secret", "a client secret");
    let exchange = |subject| {
        [
            "--client-secret-file",
            "secret",
            "--grant",
            "token-exchange",
            "--subject-token-file",
            subject,
        ]
    };
    let alone = [&["--client-auth", "none"][..], &exchange("one")[2..]].concat();
    let runs: [(&[&str], usize); 10] = [
        (&["--key-file", "key.pem"], 1),
        (&["--key-file", "key.pem"], 1),
        (&["--key-file", "other.pem"], 2),
        (&["--client-assertion-file", "one"], 3),
        (&["--client-assertion-file", "one"], 3),
        (&exchange("one"), 4),
        (&exchange("one"), 4),
        // A token of one subject is not returned for another.
        (&exchange("two"), 5),
        (&alone, 6),
        (&alone, 6),
    ];
    for (arguments, requests) in runs {
        token(&home, &authority, arguments).finish().quiet();
        assert_eq!(authority.requests().len(), requests, "{arguments:?}");
    }
    let arguments = ["--client-assertion-file", "two", "-v"];
    let ended = token(&home, &authority, &arguments).finish();
    let says = "the cached token was requested with another credential";
    assert!(ended.err.contains(says), "{}", ended.err);
}

#[test]
fn cached_token_that_is_too_short_is_replaced_with_a_new_assertion() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    authority.respond(
        200,
        r#"{"access_token":"first","token_type":"Bearer","expires_in":61}"#,
    );
    let run = token(&home, &authority, &["--key-file", "key.pem"]);
    assert_eq!(run.finish().quiet(), "first\n");
    let longer = ["--key-file", "key.pem", "--min-ttl", "30m"];
    assert_eq!(
        token(&home, &authority, &longer).finish().quiet(),
        "t0ken\n"
    );
    key.verify(&authority.last().param("client_assertion").unwrap());
}

#[cfg(unix)]
#[test]
fn key_file_follows_the_rule_of_secret_files() {
    use std::os::unix::fs::PermissionsExt;

    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    let path = key.write(&home, "key.pem");
    let arguments = ["--no-cache", "--key-file", "key.pem"];
    let run = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        token(&home, &authority, &arguments)
    };
    let ended = run(0o644).finish();
    assert!(
        ended.err.contains("can be read by others (mode 0644)"),
        "{ended:?}"
    );
    ended.ok();
    run(0o644)
        .env("EDGE_OAUTH_TRUST_FILES", "1")
        .finish()
        .quiet();
    let err = run(0o666).finish().fails(3);
    assert!(err.contains("can be written by others"), "{err}");
    let pipe = format!(
        "{} token --no-cache --client-id my-client --endpoint {} --key-file <(cat key.pem)",
        common::PROGRAM,
        authority.url()
    );
    run(0o600).finish().quiet();
    home.run_other("bash").args(["-c", &pipe]).finish().quiet();
}

#[test]
fn command_gets_no_credential_in_its_environment() {
    let (home, authority) = (Home::new(), Authority::start());
    let assertion = jwt(&json!({ "exp": now() + 600 }));
    let server = [
        "exec",
        "--client-id",
        "my-client",
        "--endpoint",
        authority.url(),
    ];
    let rest = ["--client-assertion-env", "ID_TOKEN", "--"];
    let run = home
        .run([&server[..], &rest, common::PRINT_ENVIRONMENT].concat())
        .env("ID_TOKEN", &assertion);
    let out = run
        .env("COPY", format!("Bearer {assertion}"))
        .finish()
        .quiet();
    assert!(
        out.contains("EDGE_OAUTH_TOKEN=t0ken") && !out.contains(&assertion),
        "{out}"
    );
}

/// An authority, and a server that requires its client certificates.
struct MutualTls {
    authority: Authority,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl MutualTls {
    fn start(home: &Home) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        home.write("ca.pem", issuer.pem());
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(issuer.der().to_vec()))
            .unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_client_cert_verifier(verifier);
        let config = config
            .with_single_cert(vec![server.der().clone()], key)
            .unwrap();
        let authority = Authority::start_tls(config);
        Self { authority, issuer }
    }

    /// Returns the PEM of a certificate for this key.
    fn certify(&self, key: &Key) -> (String, Vec<u8>) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key.0, &self.issuer).unwrap();
        (certificate.pem(), certificate.der().to_vec())
    }
}

#[test]
fn client_certificate_is_presented() {
    let home = Home::new();
    let (server, key) = (MutualTls::start(&home), Key::new());
    let (pem, der) = server.certify(&key);
    home.write("cert.pem", &pem);
    key.write(&home, "key.pem");
    private(&home, "both.pem", format!("{pem}{}", key.0.serialize_pem()));
    let two = ["--client-cert", "cert.pem", "--client-key", "key.pem"];
    let one = ["--client-cert", "both.pem"];
    for files in [&two[..], &one] {
        let arguments = [&["--no-cache", "--cacert", "ca.pem"], files].concat();
        token(&home, &server.authority, &arguments).finish().quiet();
        let request = server.authority.last();
        assert_eq!(request.certificate.as_ref(), Some(&der));
        assert_eq!(
            request.body,
            "grant_type=client_credentials&client_id=my-client"
        );
    }
    let without = [
        "--no-cache",
        "--cacert",
        "ca.pem",
        "--client-auth",
        "none",
        "--timeout",
        "5s",
    ];
    token(&home, &server.authority, &without).finish().fails(5);
    let doctor = ["doctor", "--endpoint", server.authority.url()];
    let run = home.run([&doctor[..], &["--client-id", "my-client"], &without[1..]].concat());
    let ended = run.finish();
    assert_eq!(ended.status, 5, "{ended:?}");
    let advice = "try: use --client-cert FILE and --client-key FILE";
    assert!(ended.out.contains(advice), "{ended:?}");
}

// fault: key-of-another-certificate
#[test]
fn key_of_another_certificate_is_told_before_a_connection() {
    let home = Home::new();
    let (server, key) = (MutualTls::start(&home), Key::new());
    home.write("cert.pem", server.certify(&key).0);
    Key::new().write(&home, "other.pem");
    home.write("empty.pem", "");
    for (certificate, key, says) in [
        (
            "cert.pem",
            "other.pem",
            "the key in other.pem is not the key of the certificate in cert.pem",
        ),
        (
            "other.pem",
            "other.pem",
            "other.pem: found a private key instead of a certificate",
        ),
        (
            "cert.pem",
            "cert.pem",
            "cert.pem: found a certificate instead of a private key",
        ),
        ("missing.pem", "other.pem", "missing.pem"),
        ("cert.pem", "empty.pem", "empty.pem is empty"),
    ] {
        let arguments = [
            "--cacert",
            "ca.pem",
            "--client-cert",
            certificate,
            "--client-key",
            key,
        ];
        let err = token(&home, &server.authority, &arguments)
            .finish()
            .fails(3);
        assert!(err.contains(says), "{err}");
    }
    assert!(server.authority.requests().is_empty());
}

// fault: cache-opened-by-a-guess
#[test]
fn cache_finds_the_token_of_a_grant() {
    let (home, authority) = (Home::new(), Authority::start());
    private(&home, "pin", "a code of 24 characters.");
    let grant = [
        "--client-auth",
        "none",
        "--grant",
        "urn:example:grant",
        "--param-file",
        "pin=pin",
    ];
    token(&home, &authority, &grant).finish().quiet();
    let server = ["--client-id", "my-client", "--endpoint", authority.url()];
    let list = |arguments: &[&str]| {
        let arguments = [&["cache", "list"], &server[..], arguments].concat();
        home.run(arguments).finish().quiet()
    };
    assert!(
        list(&grant).contains("(this configuration)"),
        "{}",
        list(&grant)
    );
    assert!(!list(&[]).contains("(this configuration)"));
    let key = Key::new();
    key.write(&home, "key.pem");
    let by_key = [
        "--key-file",
        "key.pem",
        "--grant",
        "jwt-bearer",
        "--assertion-subject",
        "someone",
    ];
    token(&home, &authority, &by_key).finish().quiet();
    assert!(
        list(&by_key).contains("(this configuration)"),
        "{}",
        list(&by_key)
    );
    // A short secret could be guessed from the cache file.
    private(&home, "short", "1234");
    let short = [
        "--client-auth",
        "none",
        "--grant",
        "urn:example:grant",
        "--param-file",
        "pin=short",
    ];
    for _ in 0..2 {
        token(&home, &authority, &short).finish().quiet();
    }
    assert_eq!(authority.requests().len(), 4);
    // Options of another grant clear only the token of that grant.
    let clear = [
        "cache",
        "clear",
        "--grant",
        "urn:example:other",
        "--client-auth",
        "none",
    ];
    let run = home.run(clear).env("SITECORE_CLIENT_ID", "my-client");
    run.finish().ok();
    assert!(list(&grant).contains("(this configuration)"));
}
