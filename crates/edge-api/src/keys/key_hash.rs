//! The hash of a Delivery key.

use std::fmt;
use std::str::FromStr;

use crate::input_error::InputError;

/// The hash of a Delivery key: 64 hexadecimal digits. It identifies the key and is not a secret.
///
/// ```
/// use experience_edge_api::KeyHash;
///
/// let text = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
/// let hash: KeyHash = text.parse()?;
/// assert_eq!(hash.to_string(), text);
/// assert_eq!("8f43".parse::<KeyHash>().unwrap_err().field(), "hash");
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash(String);

impl KeyHash {
    /// Returns the digits in lower case, as the service writes them.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyHash {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Self, InputError> {
        let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match hex {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(InputError::invalid("hash", "is not 64 hexadecimal digits")),
        }
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
