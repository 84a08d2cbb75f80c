//! One page of a list of keys, and the way to the next.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Method, Request, Response};
use serde_json::Value;

use crate::experience_edge::ExperienceEdge;
use crate::http::call::Call;
use crate::http::decode_error::Wrong;
use crate::http::json_object::Object;
use crate::http::response::Answer;
use crate::input_error::InputError;
use crate::keys::key::{KEYS, Key};
use crate::keys::key_filter::KeyFilter;
use crate::keys::key_hash::KeyHash;

/// [`ExperienceEdge::keys`]: one page.
#[derive(Clone, Debug)]
pub struct ListKeys {
    call: Call,
    edge: ExperienceEdge,
    filter: KeyFilter,
    /// What each page before began with.
    before: Vec<KeyHash>,
}

/// One page of a list of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyPage {
    /// `keys`: those on this page.
    pub keys: Vec<Key>,
    /// `currentPage`: which page it is; the first is 1.
    pub number: u64,
    /// `totalPages`: how many there are.
    pub pages: Option<u64>,
    /// `totalCount`: how many keys are on all of them.
    pub total: Option<u64>,
    /// `hasNext`: whether the service has more.
    pub has_next: bool,
}

impl ListKeys {
    pub(crate) fn new(edge: &ExperienceEdge, filter: KeyFilter) -> Result<Self, InputError> {
        filter.check()?;
        Ok(Self::continued(edge, filter, Vec::new()))
    }

    /// The operation that lists what comes after this page. `None` after the last.
    ///
    /// This is how tasks go through the pages; threads have [`all`](Self::all) and
    /// [`pages`](Self::pages) as well. A list that changes meanwhile, such as by revoking what it has,
    /// moves its pages, and keys are skipped: collect first, then change.
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
        let mut before = self.before.clone();
        before.push(first.hash.clone());
        let filter = self.filter.next_page()?;
        Some(Self::continued(&self.edge, filter, before))
    }

    /// The keys of all pages from this one on, or the first error. `call` makes a call:
    /// `|operation| source.call(operation)`.
    ///
    /// ```
    /// # use edge_oauth_driver::blocking::{Runtime, TokenSource};
    /// # use experience_edge_api::{ExperienceEdge, KeyFilter};
    /// # fn revoke<R: Runtime>(source: &TokenSource<R>) -> Result<(), Box<dyn std::error::Error>> {
    /// let edge = ExperienceEdge::new();
    /// let of_ci = edge.keys(KeyFilter::new().created_by("ci").active_only())?;
    /// for key in of_ci.all(|operation| source.call(operation))? {
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

    /// All pages from this one on, one call each. `call` makes it: `|operation| source.call(operation)`.
    /// Ends after the last page, or after the first error. To change what is listed, take
    /// [`all`](Self::all): see [`after`](Self::after).
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
    pub fn pages<E, F>(self, mut call: F) -> impl Iterator<Item = Result<KeyPage, E>>
    where
        F: FnMut(&Self) -> Result<KeyPage, E>,
    {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let operation = next.take()?;
            let page = call(&operation);
            next = page.as_ref().ok().and_then(|page| operation.after(page));
            Some(page)
        })
        .fuse()
    }

    fn continued(edge: &ExperienceEdge, filter: KeyFilter, before: Vec<KeyHash>) -> Self {
        let path = format!("{KEYS}{}", filter.query());
        Self {
            call: Call::new(edge, Method::GET, &path),
            edge: edge.clone(),
            filter,
            before,
        }
    }

    /// A list that seems to end, or never does, must not pass for all of it.
    fn check(&self, page: &KeyPage) -> Result<(), Wrong> {
        let first = page.keys.first().map(|key| &key.hash);
        let repeats = first.is_some_and(|first| self.before.contains(first));
        let asked_for = u64::from(self.filter.number());
        let falls_back = !self.before.is_empty() && page.number < asked_for;
        match page.has_next {
            _ if repeats || (falls_back && first.is_some()) => {
                Err(Wrong::member("currentPage", "is not the next page"))
            }
            true if first.is_none() => Err(Wrong::member("keys", "is empty before the last page")),
            true if self.filter.next_page().is_none() => Err(Wrong::member(
                "hasNext",
                "is true of the last page that can be asked for",
            )),
            true if self.before.len() >= MOST_PAGES => Err(Wrong::member(
                "hasNext",
                "is true of more pages than any list has",
            )),
            false
                if page
                    .pages
                    .is_some_and(|pages| pages > page.number.max(asked_for)) =>
            {
                Err(Wrong::member(
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
        self.call.read(response, |answer| {
            let page = KeyPage::read(answer, u64::from(self.filter.number()))?;
            self.check(&page)?;
            Ok(page)
        })
    }
}

impl KeyPage {
    fn read(answer: &Answer<'_>, asked_for: u64) -> Result<Self, Wrong> {
        let object = answer.object()?;
        object.check_flags(&["hasNext"])?;
        let keys = match object.get("keys") {
            None => return Err(Wrong::member("keys", "is missing")),
            Some(Value::Array(keys)) => keys.iter().cloned().map(Key::from_json),
            Some(_) => return Err(Wrong::member("keys", "is not an array")),
        };
        let number = count(&object, "currentPage")?.unwrap_or(asked_for);
        let pages = count(&object, "totalPages")?;
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            number,
            pages,
            total: count(&object, "totalCount")?,
            has_next: match object.flag("hasNext") {
                Some(has_next) => has_next,
                None => pages.is_some_and(|pages| pages > number),
            },
        })
    }
}

/// The most pages that one list is followed through: a service that always has another one would never end it.
const MOST_PAGES: usize = 1_000;

fn count(object: &Object, name: &'static str) -> Result<Option<u64>, Wrong> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let count = value
        .as_u64()
        .ok_or(Wrong::member(name, "is not a count"))?;
    Ok(Some(count))
}
