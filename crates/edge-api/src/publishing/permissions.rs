//! The permissions of a client on publishing jobs.

use crate::http::decode_error::DecodeError;
use crate::http::response::ApiResponse;

/// The permissions of the token's client. A permission that the service leaves out is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishingPermissions {
    /// `canReadAll`: list and read the jobs of all creators.
    pub can_read_all: bool,
    /// `canReadOwn`: list and read the client's own jobs.
    pub can_read_own: bool,
    /// `canViewDetailsOfAll`: read the details of all jobs.
    pub can_view_details_of_all: bool,
    /// `canViewDetailsOfOwn`: read the details of the client's own jobs.
    pub can_view_details_of_own: bool,
    /// `canCreate`: create jobs.
    pub can_create: bool,
}

impl PublishingPermissions {
    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        let object = response.object()?;
        object.check_flags(&[
            READ_ALL,
            READ_OWN,
            VIEW_DETAILS_OF_ALL,
            VIEW_DETAILS_OF_OWN,
            CREATE,
        ])?;
        let flag = |name| object.flag(name).unwrap_or_default();
        Ok(Self {
            can_read_all: flag(READ_ALL),
            can_read_own: flag(READ_OWN),
            can_view_details_of_all: flag(VIEW_DETAILS_OF_ALL),
            can_view_details_of_own: flag(VIEW_DETAILS_OF_OWN),
            can_create: flag(CREATE),
        })
    }
}

const READ_ALL: &str = "canReadAll";
const READ_OWN: &str = "canReadOwn";
const VIEW_DETAILS_OF_ALL: &str = "canViewDetailsOfAll";
const VIEW_DETAILS_OF_OWN: &str = "canViewDetailsOfOwn";
const CREATE: &str = "canCreate";
