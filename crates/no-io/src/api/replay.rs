//! The one rule for a rejected token: one more attempt, with another token.

use crate::api::challenge::Challenge;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

/// One API request and its second attempt if the API rejects the token.
///
/// | attempt | response | next |
/// |---|---|---|
/// | first | [`Challenge::InvalidToken`] | invalidate the token and ask for another |
/// | | | another token: second and last attempt |
/// | | | the same token or none: the first response is final |
/// | first | any other | it is final |
/// | second | any | it is final |
///
/// ```
/// use edge_oauth_no_io::{AccessToken, Challenge, Replay};
///
/// # let (first, second) = (AccessToken::new("a", None, None).unwrap(), AccessToken::new("b", None, None).unwrap());
/// let mut replay = Replay::new(first);
/// // Send with `replay.token()`. The API says that it is expired:
/// assert!(replay.is_rejected(Challenge::InvalidToken));
/// // Invalidate it, and ask for another.
/// assert!(replay.again_with(Ok(second)));
/// // Send with `replay.token()`. Whatever comes back now is final:
/// assert!(!replay.is_rejected(Challenge::InvalidToken));
/// ```
#[derive(Debug)]
pub struct Replay {
    token: AccessToken,
    attempts_left: u8,
    error: Option<TokenError>,
}

impl Replay {
    /// Starts with the first attempt.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token,
            attempts_left: 1,
            error: None,
        }
    }

    /// Returns the token to send.
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// Returns whether the token has to be invalidated and another one asked for.
    pub fn is_rejected(&self, challenge: Challenge) -> bool {
        self.attempts_left > 0 && challenge == Challenge::InvalidToken
    }

    /// Takes the other token. Returns whether the request has to be sent again; if not, the API's first response is
    /// final.
    pub fn again_with(&mut self, token: Result<AccessToken, TokenError>) -> bool {
        self.attempts_left = 0;
        match token {
            Ok(token) if !token.is_same(&self.token) => {
                self.token = token;
                true
            }
            Ok(_) => false,
            Err(error) => {
                self.error = Some(error);
                false
            }
        }
    }

    /// Returns why there was no other token.
    pub fn into_error(self) -> Option<TokenError> {
        self.error
    }
}
