//! A list in pages, with one call for each page.

/// Returns an iterator over the page of `first` and all later pages. It ends after the last page or after the first
/// error.
pub(crate) fn pages<O, P, E>(
    first: O,
    mut call: impl FnMut(&O) -> Result<P, E>,
    after: impl Fn(&O, &P) -> Option<O>,
) -> impl Iterator<Item = Result<P, E>> {
    let mut next = Some(first);
    std::iter::from_fn(move || {
        let operation = next.take()?;
        let page = call(&operation);
        next = page.as_ref().ok().and_then(|page| after(&operation, page));
        Some(page)
    })
}
