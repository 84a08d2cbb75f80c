//! A list of keys in pages.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Method, Request, Response};

use crate::experience_edge::ExperienceEdge;
use crate::http::call::Call;
use crate::http::decode_error::DecodeError;
use crate::http::pages::pages;
use crate::input_error::InputError;
use crate::keys::key::Key;
use crate::keys::key_filter::KeyFilter;
use crate::keys::key_hash::KeyHash;
use crate::keys::key_page::KeyPage;

/// The operation of [`ExperienceEdge::keys`]. Lists one page of keys.
#[derive(Clone, Debug)]
pub struct ListKeys {
    call: Call,
    edge: ExperienceEdge,
    filter: KeyFilter,
    /// The first key of each earlier page.
    earlier: Vec<KeyHash>,
}

impl ListKeys {
    pub(crate) fn new(edge: &ExperienceEdge, filter: KeyFilter) -> Result<Self, InputError> {
        filter.check()?;
        Ok(Self::continued(edge, filter, Vec::new()))
    }

    /// Returns the operation that lists the next page. `None` after the last page.
    ///
    /// Use it in async code; blocking code also has [`all`](Self::all) and [`pages`](Self::pages). If keys are revoked
    /// while the list is read, its pages move and keys are skipped: collect all keys first.
    ///
    /// ```
    /// # use edge_oauth_driver::nonblocking::{Runtime, TokenSource};
    /// # use std::error::Error;
    /// # use experience_edge_api::{ExperienceEdge, Key, KeyFilter};
    /// async fn all_keys<R: Runtime>(source: &TokenSource<R>) -> Result<Vec<Key>, Box<dyn Error>> {
    ///     let mut keys = Vec::new();
    ///     let mut next = Some(ExperienceEdge::new().keys(KeyFilter::new())?);
    ///     while let Some(operation) = next {
    ///         let page = source.call(&operation).await?;
    ///         next = operation.after(&page);
    ///         keys.extend(page.keys);
    ///     }
    ///     Ok(keys)
    /// }
    /// ```
    pub fn after(&self, page: &KeyPage) -> Option<Self> {
        let first = page.keys.first().filter(|_| page.has_next)?;
        let mut earlier = self.earlier.clone();
        earlier.push(first.hash.clone());
        let filter = self.filter.next_page()?;
        Some(Self::continued(&self.edge, filter, earlier))
    }

    /// Returns the keys of this page and all later pages. `call` makes one call:
    /// `|operation| source.call(operation)`.
    ///
    /// # Errors
    ///
    /// The first error of `call`.
    ///
    /// ```
    /// # use edge_oauth_driver::blocking::{Runtime, TokenSource};
    /// # use experience_edge_api::{ExperienceEdge, KeyFilter};
    /// # fn revoke<R: Runtime>(source: &TokenSource<R>) -> Result<(), Box<dyn std::error::Error>> {
    /// let edge = ExperienceEdge::new();
    /// let ci_keys = edge.keys(KeyFilter::new().created_by("ci").active_only())?;
    /// for key in ci_keys.all(|operation| source.call(operation))? {
    ///     source.call(&edge.revoke_key_by_hash(&key.hash))?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all<E, F>(self, call: F) -> Result<Vec<Key>, E>
    where
        F: FnMut(&Self) -> Result<KeyPage, E>,
    {
        let mut keys = Vec::new();
        for page in self.pages(call) {
            keys.extend(page?.keys);
        }
        Ok(keys)
    }

    /// Returns an iterator over this page and all later pages. `call` makes one call:
    /// `|operation| source.call(operation)`.
    ///
    /// The iterator ends after the last page or after the first error. To change the listed keys, use
    /// [`all`](Self::all).
    ///
    /// ```
    /// # use edge_oauth_driver::blocking::{Runtime, TokenSource};
    /// # use experience_edge_api::{ExperienceEdge, KeyFilter};
    /// # fn show<R: Runtime>(source: &TokenSource<R>) -> Result<(), Box<dyn std::error::Error>> {
    /// for page in ExperienceEdge::new().keys(KeyFilter::new())?.pages(|operation| source.call(operation)) {
    ///     for key in page?.keys {
    ///         println!("{} {}", key.hash, key.label);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<E, F>(self, call: F) -> impl Iterator<Item = Result<KeyPage, E>>
    where
        F: FnMut(&Self) -> Result<KeyPage, E>,
    {
        pages(self, call, Self::after)
    }

    fn continued(edge: &ExperienceEdge, filter: KeyFilter, earlier: Vec<KeyHash>) -> Self {
        let path = format!("{KEYS}{}", filter.query());
        Self {
            call: Call::new(&edge.base_url, Method::GET, &path),
            edge: edge.clone(),
            filter,
            earlier,
        }
    }

    /// Checks that the pages add up. Otherwise a part of a list could pass for the whole list, or a list could have no
    /// end.
    fn check(&self, page: &KeyPage) -> Result<(), DecodeError> {
        let first = page.keys.first().map(|key| &key.hash);
        let repeats = first.is_some_and(|first| self.earlier.contains(first));
        let requested = u64::from(self.filter.number());
        let falls_back = !self.earlier.is_empty() && page.number < requested;
        match page.has_next {
            _ if repeats || (falls_back && first.is_some()) => {
                Err(DecodeError::member("currentPage", "is not the next page"))
            }
            true if first.is_none() => {
                Err(DecodeError::member("keys", "is empty before the last page"))
            }
            true if self.filter.next_page().is_none() => Err(DecodeError::member(
                "hasNext",
                "is true of the last page that can be asked for",
            )),
            true if self.earlier.len() >= MAX_PAGES => Err(DecodeError::member(
                "hasNext",
                "is true of more pages than any list has",
            )),
            false
                if page
                    .pages
                    .is_some_and(|pages| pages > page.number.max(requested)) =>
            {
                Err(DecodeError::member(
                    "hasNext",
                    "is false before the last of `totalPages`",
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Operation for ListKeys {
    type Output = KeyPage;

    fn request(&self) -> Request<SecretBytes> {
        self.call.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<KeyPage, ApiError> {
        self.call.read(response, |response| {
            let page = KeyPage::read(response, u64::from(self.filter.number()))?;
            self.check(&page)?;
            Ok(page)
        })
    }
}

/// The number of pages after which a list is an error. A service that always has another page would never end it.
const MAX_PAGES: usize = 1_000;

/// The path of the Token API.
pub(crate) const KEYS: &str = "/api/apikey/v1";
