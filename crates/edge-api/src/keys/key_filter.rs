//! The filter of a list of keys.

use std::num::NonZeroU32;

use crate::http::query;
use crate::input_error::InputError;

/// The filter of a list of keys, and the size of a page.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{ExperienceEdge, KeyFilter, scope};
///
/// let filter = KeyFilter::new().scope(scope::DELIVERY).label("www").active_only();
/// let request = ExperienceEdge::new().keys(filter)?.request();
/// assert_eq!(
///     request.uri().path_and_query().unwrap(),
///     "/api/apikey/v1?scopes=audience-delivery&label=www&filterRevoked=true",
/// );
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    scopes: Vec<String>,
    label: Option<String>,
    page_size: Option<NonZeroU32>,
    page: Option<NonZeroU32>,
    active_only: bool,
    created_by: Option<String>,
}

impl KeyFilter {
    /// Returns a filter for all keys. A page has 20 keys, the service's default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists keys with this scope only. A further call adds a scope.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Lists keys whose label **contains** this text: `www.example.com` finds `eu.www.example.com` too. Compare the
    /// label of a key before you rename or revoke the key.
    #[must_use]
    pub fn label(mut self, part: impl Into<String>) -> Self {
        self.label = Some(part.into());
        self
    }

    /// Lists keys of this creator only.
    #[must_use]
    pub fn created_by(mut self, name: impl Into<String>) -> Self {
        self.created_by = Some(name.into());
        self
    }

    /// Lists keys that are not revoked only. If you revoke keys while you read such a list, its pages move and keys are
    /// skipped: collect [`all`](crate::ListKeys::all) keys first.
    #[must_use]
    pub fn active_only(mut self) -> Self {
        self.active_only = true;
        self
    }

    /// Sets the number of keys on a page.
    #[must_use]
    pub fn page_size(mut self, keys: NonZeroU32) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// Begins with this page. The first page is 1.
    #[must_use]
    pub fn page(mut self, number: NonZeroU32) -> Self {
        self.page = Some(number);
        self
    }

    /// Returns the number of the requested page.
    pub(crate) fn number(&self) -> u32 {
        self.page.map_or(1, NonZeroU32::get)
    }

    /// Returns the filter of the next page.
    pub(crate) fn next_page(&self) -> Option<Self> {
        let next = NonZeroU32::new(self.number().checked_add(1)?)?;
        Some(self.clone().page(next))
    }

    /// Checks that the filter fits into a URL, with a page number after it.
    pub(crate) fn check(&self) -> Result<(), InputError> {
        query::checked(self.query()).map(drop)
    }

    /// Returns the query with its question mark; empty if the filter has the service's defaults.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let number = |number: NonZeroU32| number.to_string();
        query.extend_pairs(self.scopes.iter().map(|scope| ("scopes", scope)));
        let pairs = [
            ("label", self.label.clone()),
            ("pagesize", self.page_size.map(number)),
            ("pagenumber", self.page.map(number)),
            ("filterRevoked", self.active_only.then(|| "true".to_owned())),
            ("createdBy", self.created_by.clone()),
        ];
        for (name, value) in pairs {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        query::with_mark(query.finish())
    }
}
