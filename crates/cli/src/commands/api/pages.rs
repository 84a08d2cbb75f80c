//! The pages of a list, in the forms that the services have.
//!
//! | form | next page |
//! |---|---|
//! | an object with a list and `hasNext`, `totalPages` or `totalCount` | the page number plus 1 |
//! | an object with a list and `next` | `continuationToken` with that value |
//! | a header `Link` with `rel="next"` (RFC 8288) | its URL, at the same origin |
//! | an array or an object without these | none |

use edge_oauth_no_io::{Origin, SecretBytes};
use form_urlencoded::{Serializer, parse};
use http::{Response, Uri, header};
use serde_json::{Map, Value};

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Returns the items of all pages. `send` requests one page.
pub(super) fn all(
    first: &Uri,
    mut send: impl FnMut(&Uri) -> Result<Response<SecretBytes>, CliError>,
) -> Result<Value, CliError> {
    let mut uri = first.clone();
    let mut items = Vec::new();
    let mut size = 0;
    let mut seen = vec![uri.clone()];
    loop {
        let response = send(&uri)?;
        size += response.body().as_ref().len();
        if size > MAX_SIZE {
            return Err(incomplete("it is larger than 128 MiB"));
        }
        let page = Page::read(&response)?;
        let next = page.next(&uri, items.len(), &response)?;
        if next.is_some() && page.items.is_empty() {
            return Err(incomplete("a page is empty before the last one"));
        }
        items.extend(page.items);
        let Some(next) = next else {
            return Ok(Value::Array(items));
        };
        terminal::progress(format_args!("{} items", items.len()));
        if seen.contains(&next) || seen.len() >= MAX_PAGES {
            return Err(incomplete("the list does not end"));
        }
        seen.push(next.clone());
        uri = next;
    }
}

struct Page {
    items: Vec<Value>,
    /// The members beside the list.
    about: Map<String, Value>,
}

impl Page {
    fn read(response: &Response<SecretBytes>) -> Result<Self, CliError> {
        let json = serde_json::from_slice(response.body().as_ref());
        match json.map_err(|_| not_a_list("is not JSON"))? {
            Value::Array(items) => Ok(Self {
                items,
                about: Map::new(),
            }),
            Value::Object(mut about) => {
                let lists = about.iter().filter(|(_, value)| value.is_array());
                let mut names = lists.map(|(name, _)| name.clone());
                let name = match (about.contains_key("data"), names.next(), names.next()) {
                    (true, ..) => "data".to_owned(),
                    (false, Some(name), None) => name,
                    _ => return Err(not_a_list("does not contain exactly one list")),
                };
                match about.remove(&name) {
                    Some(Value::Array(items)) => Ok(Self { items, about }),
                    _ => Err(not_a_list("has `data` that is not a list")),
                }
            }
            _ => Err(not_a_list("is neither an array nor an object")),
        }
    }

    /// Returns the URL of the next page. `before` is the number of items on earlier pages.
    fn next(
        &self,
        uri: &Uri,
        before: usize,
        response: &Response<SecretBytes>,
    ) -> Result<Option<Uri>, CliError> {
        if let Some(Value::String(token)) = self.get("next") {
            return with_parameter(uri, "continuationToken", token).map(Some);
        }
        let number = |name: &str| self.get(name).and_then(Value::as_u64);
        let parameter = parameter(uri);
        let asked = parameter.as_ref().map_or(1, |(_, number)| *number);
        let current = number("pageNumber").or_else(|| number("currentPage"));
        let current = current.unwrap_or(asked);
        let of_pages = number("totalPages").map(|pages| current < pages);
        let total = number("totalCount").map(|total| usize::try_from(total).unwrap_or(usize::MAX));
        let size = number("pageSize").and_then(|size| usize::try_from(size).ok());
        let so_far = match size.zip(usize::try_from(current).ok()) {
            Some((size, current)) => size.saturating_mul(current),
            None => before + self.items.len(),
        };
        let of_count = total.map(|total| so_far < total);
        let has_next = match (
            self.get("hasNext").and_then(Value::as_bool),
            of_pages,
            of_count,
        ) {
            (Some(false), Some(true), _) => {
                return Err(incomplete(
                    "`hasNext` is false before the last of `totalPages`",
                ));
            }
            (Some(has_next), ..) | (None, Some(has_next), _) | (None, None, Some(has_next)) => {
                has_next
            }
            (None, None, None) => return link(uri, response),
        };
        let name = parameter.map_or("pageNumber".to_owned(), |(name, _)| name);
        match has_next {
            true => with_parameter(uri, &name, &current.saturating_add(1).to_string()).map(Some),
            false => Ok(None),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let mut members = self.about.iter();
        let found = members.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// Returns the parameter of the page number in the URL, as the user or an earlier page has set it.
fn parameter(uri: &Uri) -> Option<(String, u64)> {
    let pairs = parse(uri.query().unwrap_or_default().as_bytes());
    let mut numbers = pairs.filter(|(name, _)| {
        ["pagenumber", "page", "currentpage"].contains(&name.to_ascii_lowercase().as_str())
    });
    let (name, value) = numbers.next()?;
    Some((name.into_owned(), value.parse().ok()?))
}

/// Returns the URL with this parameter in place of the earlier one.
fn with_parameter(uri: &Uri, name: &str, value: &str) -> Result<Uri, CliError> {
    let mut query = Serializer::new(String::new());
    for (own, value) in parse(uri.query().unwrap_or_default().as_bytes()) {
        if !own.eq_ignore_ascii_case(name) {
            query.append_pair(&own, &value);
        }
    }
    query.append_pair(name, value);
    let target = format!("{}?{}", uri.path(), query.finish());
    with_target(uri, &target)
}

fn with_target(uri: &Uri, target: &str) -> Result<Uri, CliError> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = target.parse().ok();
    Uri::from_parts(parts).map_err(|_| incomplete("the URL of the next page cannot be read"))
}

/// Returns the URL of the header `Link`. Another origin gets no token.
fn link(uri: &Uri, response: &Response<SecretBytes>) -> Result<Option<Uri>, CliError> {
    let values = response.headers().get_all(header::LINK).iter();
    let links = values.filter_map(|value| value.to_str().ok());
    let next = links.flat_map(|value| value.split('<')).find_map(|link| {
        let (url, parameters) = link.split_once('>')?;
        let parameters = parameters.trim_end().trim_end_matches(',');
        let is_next = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            name.trim() == "rel" && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        };
        parameters.split(';').any(is_next).then_some(url)
    });
    let Some(next) = next else {
        return Ok(None);
    };
    if next.starts_with('/') {
        return with_target(uri, next).map(Some);
    }
    let here = uri
        .authority()
        .map(|authority| format!("https://{authority}"));
    let is_same = |next: &Uri| match (&here, uri.scheme_str()) {
        (Some(here), Some("https")) => {
            Origin::from_url(here).is_ok_and(|origin| origin.covers(next))
        }
        _ => next.scheme() == uri.scheme() && next.authority() == uri.authority(),
    };
    match next.parse::<Uri>() {
        Ok(next) if is_same(&next) => Ok(Some(next)),
        _ => Err(incomplete(
            "the next page is at another host, which gets no token",
        )),
    }
}

fn not_a_list(wrong: &str) -> CliError {
    CliError::new(
        Exit::Refused,
        format_args!("the response {wrong}, and --paginate needs a list"),
    )
    .next("omit --paginate")
}

fn incomplete(wrong: &str) -> CliError {
    CliError::new(
        Exit::Refused,
        format_args!("the list is not complete: {wrong}"),
    )
    .next("retry later, or request the pages one by one without --paginate")
}

/// More pages than any list of the services has.
const MAX_PAGES: usize = 1000;
/// The items of all pages are in memory, and take several times the size of their text. In bytes.
const MAX_SIZE: usize = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the number of requested pages, if each has this body, and the error.
    fn endless(body: &str) -> (usize, String) {
        let mut pages = 0;
        let result = all(&"https://api.example/x".parse().unwrap(), |_| {
            pages += 1;
            Ok(Response::new(SecretBytes::new(body.as_bytes().to_vec())))
        });
        (pages, result.unwrap_err().to_string())
    }

    // fault: page-list-without-end
    #[test]
    fn list_of_large_pages_ends_before_the_memory_does() {
        let large = format!(r#"{{"data":["{}"],"hasNext":true}}"#, "x".repeat(16 << 20));
        let (pages, error) = endless(&large);
        assert_eq!(pages, 8);
        assert!(error.contains("128 MiB"), "{error}");
    }

    // fault: last-possible-page-number
    #[test]
    fn largest_page_number_has_no_next_page() {
        let last = r#"{"data":[1],"pageNumber":18446744073709551615,"hasNext":true}"#;
        let (pages, error) = endless(last);
        assert_eq!(pages, 2);
        assert!(error.contains("does not end"), "{error}");
    }
}
