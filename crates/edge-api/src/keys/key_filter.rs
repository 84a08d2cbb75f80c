//! Which keys to list.

use std::num::NonZeroU32;

use crate::input_error::InputError;

/// Which keys to list, and how many at a time.
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
    /// All keys, as many at a time as the service likes: 20.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only keys with this scope. May be called several times.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Only keys whose label has this text **in** it: `www.example.com` finds `eu.www.example.com` too.
    /// Compare the label of a key that was found before you rename or revoke it.
    #[must_use]
    pub fn label(mut self, part: impl Into<String>) -> Self {
        self.label = Some(part.into());
        self
    }

    /// Only keys that were made by this person or program.
    #[must_use]
    pub fn created_by(mut self, name: impl Into<String>) -> Self {
        self.created_by = Some(name.into());
        self
    }

    /// Only keys that are not revoked. Revoking what is listed shortens such a list while you page through
    /// it, and keys are skipped: collect [`all`](crate::ListKeys::all) first.
    #[must_use]
    pub fn active_only(mut self) -> Self {
        self.active_only = true;
        self
    }

    /// This many keys at a time.
    #[must_use]
    pub fn page_size(mut self, keys: NonZeroU32) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// Begins with this page; the first is 1.
    #[must_use]
    pub fn page(mut self, number: NonZeroU32) -> Self {
        self.page = Some(number);
        self
    }

    /// The number of the page that is asked for.
    pub(crate) fn number(&self) -> u32 {
        self.page.map_or(1, NonZeroU32::get)
    }

    /// The page after this one.
    pub(crate) fn next_page(&self) -> Option<Self> {
        let next = NonZeroU32::new(self.number().checked_add(1)?)?;
        Some(self.clone().page(next))
    }

    /// Whether it fits into a URL. The number of a page may come on top.
    pub(crate) fn check(&self) -> Result<(), InputError> {
        match self.query().len() {
            ..=LONGEST => Ok(()),
            _ => Err(InputError::invalid("filter", "is too long for a URL")),
        }
    }

    /// The query with its question mark, or nothing where all is as the service has it by itself.
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
        let query = query.finish();
        match query.is_empty() {
            true => query,
            false => format!("?{query}"),
        }
    }
}

const LONGEST: usize = 16 * 1024;
