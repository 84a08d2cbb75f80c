//! One page of a list of keys, and the way to the next.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Method, Request, Response};
use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::edge::ExperienceEdge;
use crate::input::InputError;
use crate::key::Key;
use crate::key_filter::KeyFilter;
use crate::key_hash::KeyHash;
use crate::keys::KEYS;
use crate::object::Object;
use crate::wrong::Wrong;

/// [`ExperienceEdge::keys`]: one page.
#[derive(Clone, Debug)]
pub struct ListKeys {
    call: Call,
    edge: ExperienceEdge,
    filter: KeyFilter,
    /// What the page before began with.
    before: Option<KeyHash>,
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
        let path = format!("{KEYS}{}", filter.query()?);
        Ok(Self {
            call: Call::new(edge, Method::GET, &path),
            edge: edge.clone(),
            filter,
            before: None,
        })
    }

    /// The operation that lists what comes after this page. `None` after the last, and after one with
    /// nothing on it.
    ///
    /// This is how tasks go through the pages; threads have [`pages`](Self::pages) as well.
    ///
    /// ```
    /// # use edge_oauth_driver::tasks::{TokenSource, Transport};
    /// # use edge_oauth_driver::CallError;
    /// # use experience_edge_api::{ExperienceEdge, Key, KeyFilter};
    /// async fn all_keys<T: Transport>(source: &TokenSource<T>) -> Result<Vec<Key>, CallError> {
    ///     let mut keys = Vec::new();
    ///     let mut next = ExperienceEdge::new().keys(KeyFilter::new()).ok();
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
        let next = Self::new(&self.edge, self.filter.next_page()?).ok()?;
        Some(Self {
            before: Some(first.hash.clone()),
            ..next
        })
    }

    /// All pages from this one on, one call each. `call` makes it: `|operation| source.call(operation)`.
    /// Ends after the last page, or after the first error.
    ///
    /// ```
    /// # use edge_oauth_driver::blocking::{TokenSource, Transport};
    /// # use experience_edge_api::{ExperienceEdge, KeyFilter};
    /// # fn show<T: Transport>(source: &TokenSource<T>) -> Result<(), Box<dyn std::error::Error>> {
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

    /// A service that repeats a page would make an endless list.
    fn advances(&self, page: &KeyPage) -> bool {
        let first = page.keys.first().map(|key| &key.hash);
        let repeats = self.before.is_some() && first == self.before.as_ref();
        let falls_back = self.before.is_some() && page.number < u64::from(self.filter.number());
        first.is_none() || !(repeats || falls_back)
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
            match self.advances(&page) {
                true => Ok(page),
                false => Err(Wrong::member("currentPage", "is not the next page")),
            }
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

fn count(object: &Object, name: &'static str) -> Result<Option<u64>, Wrong> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let count = value
        .as_u64()
        .ok_or(Wrong::member(name, "is not a count"))?;
    Ok(Some(count))
}
