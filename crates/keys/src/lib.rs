//! Signers and assertion sources for OAuth 2.0 clients without a client secret.
mod der;
mod error;
mod hmac_key;
mod json;
mod jwk;
mod key_pair;
mod own;
mod pem;
mod private_key;

pub use error::KeyError;
pub use hmac_key::HmacKey;
pub use private_key::PrivateKey;
