//! Client certificates: the pair, its files, and a transport that follows them.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_keys::{CertificateFiles, ClientCertificate, KeyError, MutualTls};
use edge_oauth_no_io::{Culprit, RequestLimits, SecretBytes, TransportErrorKind};
use http::{Request, Response};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use crate::file::folder;

/// A certificate and its key, in PEM.
fn pair(key: &KeyPair) -> (String, String) {
    let params = CertificateParams::new(["client.example".to_owned()]).unwrap();
    let certificate = params.self_signed(key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn new_pair() -> (String, String) {
    pair(&KeyPair::generate().unwrap())
}

#[test]
fn certificate_is_read_with_its_chain_in_order() {
    let ((own, key), (issuer, _)) = (new_pair(), new_pair());
    let both = format!("a comment\n{key}{own}{issuer}");
    let certificate = ClientCertificate::from_pem(&both, &both).unwrap();
    let alone = |pem: &str| pem::parse(pem);
    let chain: Vec<_> = certificate.chain().collect();
    assert_eq!(chain, [alone(&own), alone(&issuer)]);
    assert_eq!(certificate.key_pem(), both.as_bytes());
}

// fault: byte-order-mark
#[test]
fn key_of_a_certificate_is_returned_without_its_byte_order_mark() {
    let (own, key) = new_pair();
    let marked = |pem: &str| format!("\u{feff}{pem}");
    let certificate = ClientCertificate::from_pem(marked(&own), marked(&key)).unwrap();
    assert_eq!(certificate.key_pem(), key.as_bytes());
}

/// The DER in a PEM text, by another reader.
mod pem {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    pub(super) fn parse(pem: &str) -> Vec<u8> {
        let body = pem.lines().filter(|line| !line.starts_with('-'));
        STANDARD.decode(body.collect::<String>()).unwrap()
    }
}

#[test]
fn key_of_each_type_fits_its_certificate_alone() {
    let rsa = include_str!("../keys/rsa.pkcs8.pem");
    let keys = [
        KeyPair::generate().unwrap(),
        KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
        KeyPair::generate_for(&PKCS_ED25519).unwrap(),
        KeyPair::from_pem(rsa).unwrap(),
    ];
    let pairs = keys.each_ref().map(pair);
    for (number, (certificate, _)) in pairs.iter().enumerate() {
        for (other, (_, key)) in pairs.iter().enumerate() {
            let result = ClientCertificate::from_pem(certificate, key);
            let expected = (number != other).then_some(KeyError::OtherCertificate);
            assert_eq!(result.err(), expected, "{number} {other}");
        }
    }
    let pkcs1 = include_str!("../keys/rsa.pkcs1.pem");
    ClientCertificate::from_pem(&pairs[3].0, pkcs1).unwrap();
}

#[test]
fn text_without_a_usable_certificate_or_key_says_what_was_found() {
    let (own, key) = new_pair();
    let not = |found| KeyError::NotCertificate { found };
    let body: String = own.lines().filter(|line| !line.starts_with('-')).collect();
    let section =
        |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    for (chain, error) in [
        ("", not("an empty text")),
        (body.as_str(), not("a text without a PEM section")),
        (key.as_str(), not("a private key")),
        (include_str!("../keys/public.pem"), not("a public key")),
        (
            include_str!("../keys/encrypted.pkcs8.pem"),
            not("a private key"),
        ),
    ] {
        assert_eq!(ClientCertificate::from_pem(chain, &key).unwrap_err(), error);
    }
    let half = &body[..body.len() / 8 * 4];
    for damaged in [
        own.replace("-----END", "----END"),
        own.replacen('M', "*", 1),
        section(half),
        section("MAA="),
        section("AAAA"),
    ] {
        let error = ClientCertificate::from_pem(&damaged, &key).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("it is damaged or ends too early"),
            "{error}"
        );
    }
    let error = ClientCertificate::from_pem(&own, include_str!("../keys/encrypted.pkcs8.pem"));
    assert_eq!(error.unwrap_err(), KeyError::Encrypted);
    let error = ClientCertificate::from_pem(&own, &own).unwrap_err();
    assert_eq!(
        error,
        KeyError::NotPrivate {
            found: "a certificate"
        }
    );
}

/// TLS libraries take no other: its extensions say whose it is.
#[test]
fn certificate_of_version_1_is_an_error_that_says_so() {
    let (own, key) = new_pair();
    let mut der = pem::parse(&own);
    // [0] { INTEGER 2 }, which is version 3.
    let at = der
        .windows(5)
        .position(|part| part == [0xa0, 3, 2, 1, 2])
        .unwrap();
    der[at + 4] = 0;
    use base64::Engine;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let error = ClientCertificate::from_pem(pem, key).unwrap_err();
    assert!(
        error.to_string().contains("not of X.509 version 3"),
        "{error}"
    );
}

struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new(name: &str) -> Self {
        let folder = folder(name);
        let files = Self {
            chain: folder.join("tls.crt"),
            key: folder.join("tls.key"),
        };
        files.put(&new_pair());
        files
    }

    fn put(&self, (chain, key): &(String, String)) {
        fs::write(&self.chain, chain).unwrap();
        fs::write(&self.key, key).unwrap();
    }

    fn open(&self) -> CertificateFiles {
        CertificateFiles::new(&self.chain, &self.key)
    }
}

// fault: client-certificate-file-cannot-be-used
#[test]
fn unusable_file_is_named() {
    let files = Files::new("certificate-files");
    files.open().read().unwrap();
    let own = fs::read_to_string(&files.chain).unwrap();
    let key = fs::read_to_string(&files.key).unwrap();
    let (_, another) = new_pair();
    let large = "x".repeat(64 * 1024 + 1);
    let encrypted = include_str!("../keys/encrypted.pkcs8.pem");
    for (path, text, says) in [
        (
            &files.chain,
            "",
            "found an empty text instead of a certificate",
        ),
        (
            &files.chain,
            &key,
            "found a private key instead of a certificate",
        ),
        (&files.chain, &large, "more than 65536 bytes"),
        (
            &files.key,
            "",
            "found an empty text instead of a private key",
        ),
        (
            &files.key,
            &own,
            "found a certificate instead of a private key",
        ),
        (&files.key, encrypted, "is encrypted"),
        (
            &files.key,
            &another,
            "does not belong to the first certificate",
        ),
    ] {
        files.put(&(own.clone(), key.clone()));
        fs::write(path, text).unwrap();
        let error = files.open().read().unwrap_err().to_string();
        let place = format!("the file `{}`", path.display());
        assert!(error.starts_with(&place) && error.contains(says), "{error}");
    }
    for path in [&files.chain, &files.key] {
        files.put(&(own.clone(), key.clone()));
        fs::remove_file(path).unwrap();
        let error = files.open().read().unwrap_err().to_string();
        let place = format!("the file `{}` does not exist", path.display());
        assert!(error.starts_with(&place), "{error}");
    }
}

/// The certificates, in order.
type Built = Arc<Mutex<Vec<Vec<u8>>>>;

/// Builds a transport for each certificate that is not `refused`, and lists them.
fn mutual_tls(files: &Files, refused: &str) -> (MutualTls<ScriptedTransport>, Built) {
    let built = Built::default();
    let (list, refused) = (Arc::clone(&built), refused.to_owned());
    let transport = MutualTls::new(files.open(), move |certificate| {
        let own = certificate.chain().next().unwrap().to_vec();
        if !refused.is_empty() && own == pem::parse(&refused) {
            return Err("it is of no use".into());
        }
        let number = list.lock().unwrap().len().to_string();
        list.lock().unwrap().push(own);
        Ok(ScriptedTransport::new(move |_| {
            Ok(Response::new(number.clone().into_bytes()))
        }))
    });
    (transport.unwrap(), built)
}

fn send(
    transport: &MutualTls<ScriptedTransport>,
    limits: RequestLimits,
) -> Result<String, edge_oauth_no_io::TransportError> {
    let request = Request::post("https://login.example/").body(SecretBytes::new(Vec::new()));
    let response = transport.send(request.unwrap(), limits)?;
    Ok(String::from_utf8(response.body().as_ref().to_vec()).unwrap())
}

fn token() -> RequestLimits {
    RequestLimits::token(Duration::from_secs(10))
}

const API: RequestLimits = RequestLimits::new(Duration::from_secs(10), 1024);

// fault: client-certificate-is-rotated
#[test]
fn transport_is_made_anew_when_a_token_request_finds_other_files() {
    let files = Files::new("mutual-tls");
    let (transport, built) = mutual_tls(&files, "");
    let copy = transport.clone();
    assert_eq!(send(&transport, token()).unwrap(), "0");
    assert_eq!(
        send(&transport, token()).unwrap(),
        "0",
        "the files are as before"
    );
    files.put(&new_pair());
    assert_eq!(send(&copy, API).unwrap(), "0", "a token may be bound to it");
    assert_eq!(send(&transport, token()).unwrap(), "1");
    assert_eq!(send(&copy, API).unwrap(), "1");
    assert_eq!(built.lock().unwrap().len(), 2);
}

// fault: client-certificate-file-cannot-be-used
#[test]
fn certificate_that_the_client_does_not_take_is_an_error_until_it_is_replaced() {
    let files = Files::new("mutual-tls-refused");
    let refused = new_pair();
    let (transport, _) = mutual_tls(&files, &refused.0);
    files.put(&refused);
    for _ in 0..2 {
        let error = send(&transport, token()).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::ClientCertificate);
        assert_eq!(error.culprit(), Culprit::Config);
        let shown = error.to_string();
        assert!(
            shown.contains("tls.crt") && shown.ends_with("it is of no use"),
            "{shown}"
        );
    }
    assert_eq!(send(&transport, API).unwrap(), "0");
    files.put(&new_pair());
    assert_eq!(send(&transport, token()).unwrap(), "1");
}

#[test]
fn first_error_comes_before_any_request() {
    let files = Files::new("mutual-tls-first");
    let build = |_: &ClientCertificate| -> Result<ScriptedTransport, Box<dyn Error + Send + Sync>> {
        Err("it is of no use".into())
    };
    let error = MutualTls::new(files.open(), build).unwrap_err().to_string();
    assert!(
        error.contains("tls.crt") && error.contains("of no use"),
        "{error}"
    );
    fs::remove_file(&files.key).unwrap();
    let error = MutualTls::new(files.open(), build).unwrap_err().to_string();
    assert!(error.contains("tls.key` does not exist"), "{error}");
}

#[test]
fn key_is_in_no_error_and_no_debug() {
    let files = Files::new("mutual-tls-secrecy");
    let key = fs::read_to_string(&files.key).unwrap();
    let (transport, _) = mutual_tls(&files, "");
    let certificate = files.open().read().unwrap();
    let mut printed = format!("{certificate:?} {:?} {transport:?}", files.open());
    fs::write(&files.key, key.replace("-----END", "----END")).unwrap();
    let error = send(&transport, token()).unwrap_err();
    printed += &format!("{error} {error:?} {:?}", files.open().read());
    fs::write(&files.key, key.replace("PRIVATE", "SECRET")).unwrap();
    printed += &format!("{:?}", files.open().read());
    for line in key.lines().filter(|line| !line.starts_with('-')) {
        for part in line.as_bytes().windows(8) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!printed.contains(part), "{part}: {printed}");
        }
    }
}
