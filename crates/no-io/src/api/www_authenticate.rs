//! The challenges in a `WWW-Authenticate` header (RFC 9110 §11.6.1).

/// The `error` of each `Bearer` or `DPoP` challenge in one `WWW-Authenticate` value (RFC 9110 §11.6.1).
pub(super) struct Challenges<'a>(&'a str);

impl<'a> Challenges<'a> {
    pub(super) fn new(value: &'a str) -> Self {
        Self(value)
    }

    /// Returns the next item that begins a challenge.
    fn item(&mut self) -> Option<&'a str> {
        loop {
            let (item, rest) = split_item(self.0)?;
            self.0 = rest;
            if scheme(item).is_some() {
                return Some(item);
            }
        }
    }
}

impl Iterator for Challenges<'_> {
    type Item = Option<String>;

    fn next(&mut self) -> Option<Self::Item> {
        // Items before the first known scheme belong to other schemes.
        loop {
            let item = self.item()?;
            if !is_token_scheme(scheme(item)?) {
                continue;
            }
            let mut error = error_in(item);
            while let Some((next, rest)) = split_item(self.0) {
                if scheme(next).is_some() {
                    break;
                }
                self.0 = rest;
                error = error.or_else(|| error_in(next));
            }
            return Some(error);
        }
    }
}

/// Splits at the first comma outside of quotes; `None` at the end.
fn split_item(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    if text.is_empty() {
        return None;
    }
    let (mut quoted, mut escaped) = (false, false);
    let end = text.find(|c| {
        match (quoted, c) {
            _ if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (_, '"') => quoted = !quoted,
            (false, ',') => return true,
            _ => {}
        }
        false
    });
    match end {
        Some(end) => Some((text[..end].trim_end(), &text[end..])),
        None => Some((text.trim_end(), "")),
    }
}

/// Returns the scheme if the item begins a challenge: a word without `=`, alone or before a parameter.
fn scheme(item: &str) -> Option<&str> {
    let word_ends = item.find([' ', '\t', '=']).unwrap_or(item.len());
    let (word, rest) = item.split_at(word_ends);
    let is_parameter = rest.trim_start().starts_with('=');
    (!is_parameter && !word.is_empty()).then_some(word)
}

fn is_token_scheme(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("dpop")
}

/// Returns the value of the parameter `error` in an item, unquoted.
fn error_in(item: &str) -> Option<String> {
    let parameter = match scheme(item) {
        Some(scheme) => &item[scheme.len()..],
        None => item,
    };
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("error") {
        return None;
    }
    let value = value.trim().trim_matches('"').replace('\\', "");
    Some(value.to_ascii_lowercase())
}
