//! The filters and the page of a list of keys.

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::keys::delivery_keys::DeliveryKey;
use crate::api::request::count;

/// The parameters of a list. Unknown parameters and parameters without a value are ignored.
pub(crate) struct KeyQuery {
    scopes: Vec<String>,
    label: Option<String>,
    created_by: Option<String>,
    filter_revoked: bool,
    page_size: usize,
    page_number: usize,
}

impl KeyQuery {
    /// Reads the parameters. The case of a name does not matter. If a parameter that is no list is repeated, the last
    /// one counts.
    pub(crate) fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self {
            scopes: Vec::new(),
            label: None,
            created_by: None,
            filter_revoked: false,
            page_size: 20,
            page_number: 1,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.is_empty() {
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "scopes" => read.scopes.push(value.into_owned()),
                "label" => read.label = Some(value.into_owned()),
                "createdby" => read.created_by = Some(value.into_owned()),
                "filterrevoked" => read.filter_revoked = flag("filterRevoked", &value)?,
                "pagesize" => read.page_size = count("pagesize", &value)?,
                "pagenumber" => read.page_number = count("pagenumber", &value)?,
                _ => {}
            }
        }
        Ok(read)
    }

    /// Returns the page, with the numbers that a reader needs for the other pages.
    pub(crate) fn page<'a>(&self, keys: impl Iterator<Item = &'a DeliveryKey>) -> Value {
        let found: Vec<_> = keys.filter(|key| self.matches(key)).collect();
        let before = self.page_size.saturating_mul(self.page_number - 1);
        let shown = found.iter().skip(before).take(self.page_size);
        let shown: Vec<_> = shown.map(|key| key.to_json()).collect();
        let pages = found.len().div_ceil(self.page_size);
        json!({
            "totalCount": found.len(),
            "pageSize": self.page_size,
            "currentPage": self.page_number,
            "totalPages": pages,
            "hasNext": self.page_number < pages,
            "hasPrevious": self.page_number > 1,
            "keys": shown,
        })
    }

    /// Returns whether a key matches every filter and has all of the scopes.
    fn matches(&self, key: &DeliveryKey) -> bool {
        let label = self.label.as_ref();
        let created_by = self.created_by.as_ref();
        !(self.filter_revoked && key.is_revoked)
            && self.scopes.iter().all(|scope| key.scopes.contains(scope))
            && label.is_none_or(|part| key.label.contains(part))
            && created_by.is_none_or(|name| key.created_by == *name)
    }
}

fn flag(name: &'static str, value: &str) -> Result<bool, ApiError> {
    let value = value.to_ascii_lowercase().parse();
    value.map_err(|_| ApiError::invalid_field(name, "It has to be true or false."))
}
