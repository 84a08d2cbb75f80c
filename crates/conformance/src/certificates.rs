//! Certificates that are made during the test.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// A certificate authority for tests.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Creates an authority with this name and a new key.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Returns its certificate, which a client has to trust.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Returns a valid certificate for `localhost` and the loopback addresses.
    pub fn server_pem(&self) -> PemPair {
        let key = KeyPair::generate().unwrap();
        PemPair {
            certificate: local().signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Returns a valid certificate for a client of this name.
    pub fn client_pem(&self, name: &str) -> PemPair {
        let key = KeyPair::generate().unwrap();
        let mut params = for_names(&[name]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        PemPair {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Returns a server with a valid certificate, which demands a client certificate of this authority.
    pub(crate) fn server_for_clients(&self) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let (key, server) = (KeyPair::generate().unwrap(), local());
        let certificate = server.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![certificate.der().clone()], key);
        Arc::new(config.unwrap())
    }

    /// Returns a server with a valid certificate for `localhost` and the loopback addresses.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        self.server_with(local())
    }

    /// Returns a server with this certificate.
    pub(crate) fn server_with(&self, leaf: CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        server(&leaf.signed_by(&key, &self.0).unwrap(), &key)
    }
}

/// A certificate and its key, in PEM.
pub struct PemPair {
    /// The certificate.
    pub certificate: String,
    /// The certificate's private key.
    pub key: String,
}

/// Returns a server with a self-signed certificate, and the certificate in PEM.
pub(crate) fn self_signed() -> (Arc<ServerConfig>, String) {
    server_and_pem(local())
}

/// Returns a server with a CA certificate, as `openssl req -x509` makes it, and the certificate in PEM.
pub(crate) fn authority_as_server() -> (Arc<ServerConfig>, String) {
    let mut params = local();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    server_and_pem(params)
}

fn server_and_pem(params: CertificateParams) -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (server(&certificate, &key), certificate.pem())
}

/// A certificate that expired in 2020.
pub(crate) fn expired() -> CertificateParams {
    let mut params = local();
    params.not_after = date_time_ymd(2020, 1, 1);
    params
}

/// A certificate that is valid from the year 4000 on.
pub(crate) fn not_yet_valid() -> CertificateParams {
    let mut params = local();
    params.not_before = date_time_ymd(4000, 1, 1);
    params
}

/// A certificate for these names and addresses.
pub(crate) fn for_names(names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().copied().map(str::to_owned).collect();
    CertificateParams::new(names).unwrap()
}

fn local() -> CertificateParams {
    for_names(&["localhost", "127.0.0.1", "::1"])
}

fn server(certificate: &Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}
