//! The jobs that a client may read and write, by the scopes of its token.

use crate::api::access_token::VerifiedToken;
use crate::api::error::ApiError;

/// The jobs that a client may read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    All,
    /// The jobs that this client created.
    Own,
}

impl Access {
    pub(crate) fn to_read(token: &VerifiedToken) -> Result<Self, ApiError> {
        of(token, READ_ALL, READ_OWN)
    }

    pub(crate) fn to_write(token: &VerifiedToken) -> Result<Self, ApiError> {
        of(token, WRITE_ALL, WRITE_OWN)
    }

    pub(crate) fn covers(self, creator: &str, client_id: &str) -> bool {
        self == Self::All || creator == client_id
    }
}

fn of(token: &VerifiedToken, all: [&'static str; 2], own: &str) -> Result<Access, ApiError> {
    token.require_scope("xmcloud.cm:admin")?;
    match (
        all.iter().any(|scope| token.has_scope(scope)),
        token.has_scope(own),
    ) {
        (true, _) => Ok(Access::All),
        (false, true) => Ok(Access::Own),
        (false, false) => Err(ApiError::MissingScope(all[0])),
    }
}

const READ_ALL: [&str; 2] = ["xmcpub.jobs.a:r", "xmcpub.jobs.t:r"];
const READ_OWN: &str = "xmcpub.jobs.t:rl";
const WRITE_ALL: [&str; 2] = ["xmcpub.jobs.a:w", "xmcpub.jobs.t:w"];
const WRITE_OWN: &str = "xmcpub.jobs.t:wl";
