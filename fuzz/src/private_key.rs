//! A private key signs what its public key verifies, or an error says why it cannot be read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_cli::jwt::Token;
use edge_oauth_cli::jwt::key_set::KeySet;
use edge_oauth_driver::Signer;
use edge_oauth_keys::{ClientCertificate, PrivateKey};
use edge_oauth_no_io::{Purpose, SecretBytes, ToSign};

/// Reads the bytes as the PEM, the DER and the JWK of a private key, and as a PEM of a certificate and its key.
pub fn private_key(bytes: &[u8]) {
    let keys = [
        PrivateKey::from_pem(bytes),
        PrivateKey::from_der(bytes),
        PrivateKey::from_jwk(bytes),
    ];
    keys.iter().flatten().for_each(signs);
    if let Ok(certificate) = ClientCertificate::from_pem(bytes, bytes) {
        assert!(certificate.chain().count() > 0);
        assert!(PrivateKey::from_pem(certificate.key_pem()).is_ok());
    }
}

fn signs(key: &PrivateKey) {
    let algorithm = key.algorithm();
    let header = format!(r#"{{"alg":"{}"}}"#, algorithm.as_str());
    let input = [header.as_str(), "{}"].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = input.join(".");
    let bytes = SecretBytes::new(input.clone().into_bytes());
    let key_id = Some(key.key_id().to_owned());
    let to_sign = ToSign::new(Purpose::ClientAuth, algorithm, key_id, bytes);
    // The parts of an RSA key may not belong together.
    let Ok(signature) = key.sign(&to_sign) else {
        return;
    };
    let token = [&*input, ".", &URL_SAFE_NO_PAD.encode(signature)].concat();
    let Token::Jwt { header, .. } = Token::read(&token) else {
        panic!("it is a JWT")
    };
    let public = format!(r#"{{"keys":[{}]}}"#, key.public_jwk());
    let public = KeySet::read(public.as_bytes()).expect("a key set");
    public.verify(&token, &header).expect("a valid signature");
}
