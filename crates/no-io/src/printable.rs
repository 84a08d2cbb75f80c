//! Makes text from outside fit to print.

use crate::grammar;

/// Returns the text with `?` for each character that a terminal or a log could take for more than text, cut to `limit`
/// bytes.
///
/// ASCII from space to `~` stays, and so do the letters and digits of other scripts. Escape sequences, line breaks,
/// bidirectional overrides and invisible characters are replaced. Texts in the errors of this crate are printable
/// already.
///
/// ```
/// assert_eq!(edge_oauth_no_io::printable("\u{1b}[2J gone", 64), "?[2J gone");
/// ```
pub fn printable(text: &str, limit: usize) -> String {
    if text.len() <= limit && grammar::all_within(text, b' ', b'~') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(limit) + CUT.len());
    for c in text.chars() {
        if out.len() + c.len_utf8() > limit {
            out.push_str(CUT);
            break;
        }
        let plain = matches!(c, ' '..='~') || (!c.is_ascii() && c.is_alphanumeric());
        out.push(if plain { c } else { '?' });
    }
    out
}

const CUT: &str = "...";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn character_that_steers_a_terminal_is_replaced() {
        assert_eq!(printable("\u{1b}[31mred\r\n\u{202e}x", 99), "?[31mred???x");
        assert_eq!(
            printable("Zugriff verweigert: für \"Ärger\"", 99),
            "Zugriff verweigert: für \"Ärger\""
        );
    }

    #[test]
    fn cut_keeps_whole_characters() {
        assert_eq!(printable("äää", 5), "ää...");
        assert_eq!(printable("abc", 3), "abc");
    }
}
