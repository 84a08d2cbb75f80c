//! Mends JSON that is nearly well formed.

/// Returns what begins at each `{` of the body, mended; `None` if there is none outside of a web page. The first few
/// are enough.
///
/// Bytes that are not UTF-8 count as Latin-1, control characters become spaces, commas before a closing bracket and
/// backslashes that escape nothing are dropped, and `'` may quote a text.
pub(crate) fn candidates(body: &[u8]) -> Option<impl Iterator<Item = String>> {
    let text = decoded(&body[..body.len().min(LONGEST)]);
    let starts = text.match_indices('{').map(|(at, _)| at);
    let starts = starts.take_while(|at| !is_web_page(&text[..*at]));
    let starts: Vec<_> = starts.take(MOST_STARTS).collect();
    let is_here = !starts.is_empty();
    is_here.then(|| starts.into_iter().map(move |at| mended(&text[at..])))
}

fn decoded(body: &[u8]) -> String {
    let unit = |pair: &[u8], is_big: bool| {
        let pair = [pair[0], *pair.get(1).unwrap_or(&0)];
        if is_big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    };
    let utf_16 = |body: &[u8], is_big| {
        let units = body.chunks(2).map(|pair| unit(pair, is_big));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match body {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, false),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, true),
        [b'{', 0, ..] => utf_16(body, false),
        [0, b'{', ..] => utf_16(body, true),
        _ => {
            let mut text = String::with_capacity(body.len());
            for chunk in body.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
            }
            text
        }
    }
}

fn is_web_page(text: &str) -> bool {
    let mut tags = text
        .match_indices('<')
        .map(|(at, _)| &text.as_bytes()[at + 1..]);
    tags.any(|tag| {
        let is = |name: &&str| {
            tag.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        };
        PAGE.iter().any(is)
    })
}

fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut comma) = (None, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, c) if c.is_control() => out.push(' '),
            (Some(_), '\\') => match chars.next() {
                Some('u') if !chars.peek().is_some_and(char::is_ascii_hexdigit) => out.push('u'),
                Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
                    out.extend(['\\', c])
                }
                Some(c) => out.push(c),
                None => {}
            },
            (Some(open), c) if c == open => {
                quote = None;
                out.push('"');
            }
            (Some(_), '"') => out.push_str("\\\""),
            (Some(_), c) => out.push(c),
            (None, ',') => comma = true,
            (None, ' ' | '\\') => out.push(' '),
            (None, c) => {
                if std::mem::take(&mut comma) && !matches!(c, '}' | ']') {
                    out.push(',');
                }
                if matches!(c, '"' | '\'') {
                    quote = Some(c);
                    out.push('"');
                } else {
                    out.push(c);
                }
            }
        }
    }
    out
}

/// Tags of a page. PHP puts others before a body, with a warning in them.
const PAGE: [&str; 5] = ["!doctype", "html", "head", "body", "script"];
const MOST_STARTS: usize = 8;

/// Far more than an error has.
const LONGEST: usize = 16 * 1024;
