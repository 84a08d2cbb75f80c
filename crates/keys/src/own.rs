//! The check that a signer is asked for its own key.

use edge_oauth_no_io::{Algorithm, CredentialError, ToSign, printable};

/// Returns an error if the header names another algorithm or key than the signer's own.
pub(crate) fn check(
    to_sign: &ToSign,
    algorithm: Algorithm,
    key_id: Option<&str>,
) -> Result<(), CredentialError> {
    if to_sign.algorithm != algorithm {
        return Err(CredentialError::permanent(format_args!(
            "the assertion is to be signed with {}, and the signer's key is for {}: build the assertion with the \
             key's own `assertion()`",
            to_sign.algorithm.as_str(),
            algorithm.as_str()
        )));
    }
    match to_sign.key_id.as_deref() {
        Some(wanted) if key_id != Some(wanted) => Err(CredentialError::permanent(format_args!(
            "the assertion names the key id `{}`, and the signer's key has {}: build the assertion with the key's \
             own `assertion()`",
            printable(wanted, 64),
            match key_id {
                Some(own) => format!("`{}`", printable(own, 64)),
                None => "no key id".to_owned(),
            }
        ))),
        _ => Ok(()),
    }
}
