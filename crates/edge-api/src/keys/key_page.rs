//! One page of a list of keys.

use crate::http::decode_error::DecodeError;
use crate::http::response::ApiResponse;
use crate::keys::key::Key;

/// One page of a list of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyPage {
    /// `keys`: the keys on this page.
    pub keys: Vec<Key>,
    /// `currentPage`: the number of this page. The first page is 1.
    pub number: u64,
    /// `totalPages`: the number of pages.
    pub pages: Option<u64>,
    /// `totalCount`: the number of keys on all pages.
    pub total: Option<u64>,
    /// `hasNext`: true if the service has another page.
    pub has_next: bool,
}

impl KeyPage {
    /// Reads a page. `requested` is its number, if the service does not name it.
    pub(crate) fn read(response: &ApiResponse<'_>, requested: u64) -> Result<Self, DecodeError> {
        let object = response.object()?;
        object.check_flags(&["hasNext"])?;
        let keys = object.items("keys")?.iter().cloned().map(Key::from_json);
        let number = object.count("currentPage")?.unwrap_or(requested);
        let pages = object.count("totalPages")?;
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            number,
            pages,
            total: object.count("totalCount")?,
            has_next: match object.flag("hasNext") {
                Some(has_next) => has_next,
                None => pages.is_some_and(|pages| pages > number),
            },
        })
    }
}
