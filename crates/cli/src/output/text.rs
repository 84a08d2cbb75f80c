//! Text from outside, made safe for a terminal.

use std::fmt;

use edge_oauth_no_io::printable;
use unicode_width::UnicodeWidthStr;

/// Returns the first characters of a token, to tell it from others, and its length. Shows at most a quarter of it.
pub(crate) fn shortened(token: &str) -> String {
    let start: String = token.chars().take(8.min(token.len() / 4)).collect();
    format!("{}... ({} characters)", printable(&start, 32), token.len())
}

/// Returns text of people, such as a label, safe for a terminal: control and bidi characters become `?`. A long text
/// is cut.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let steers = |c: char| c.is_control() || turns(c);
    let mut shown: String = text
        .chars()
        .take(limit)
        .map(|c| if steers(c) { '?' } else { c })
        .collect();
    if text.chars().nth(limit).is_some() {
        shown += "...";
    }
    shown
}

/// Returns whether a character changes the direction of text, or breaks its line.
fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Returns JSON with escapes for characters that control a terminal and that JSON leaves unescaped: control
/// characters of ISO 6429 (C1) and characters that change the direction of text.
pub(crate) fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            c if matches!(c, '\u{7f}'..='\u{9f}') || turns(c) => {
                text += &format!("\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

/// Returns JSON as a line for output.
pub(crate) fn json_line(json: &dyn fmt::Display) -> String {
    harmless(&format!("{json}\n"))
}

/// Lines of a name and a text. The texts of a block share a column if the names are short.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: String,
    block: Vec<(String, String)>,
}

impl Lines {
    /// Adds a heading. It ends the block before it, and each block has its own column.
    pub(crate) fn heading(&mut self, heading: &str) {
        self.end_block();
        self.text.push_str(heading);
        self.text.push('\n');
    }

    pub(crate) fn line(&mut self, name: impl Into<String>, says: impl Into<String>) {
        self.block.push((name.into(), says.into()));
    }

    pub(crate) fn finish(mut self) -> String {
        self.end_block();
        self.text
    }

    fn end_block(&mut self) {
        let lengths = self.block.iter().map(|(name, _)| name.width());
        let column = lengths
            .filter(|length| *length <= WIDEST)
            .max()
            .unwrap_or(0);
        for (name, says) in self.block.drain(..) {
            let room = " ".repeat(column.saturating_sub(name.width()));
            let line = format!("  {name}{room}  {says}");
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

const WIDEST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_shown_whole() {
        assert_eq!(shortened("a"), "... (1 characters)");
        assert_eq!(shortened("0123456789ab"), "012... (12 characters)");
        assert_eq!(shortened(&"x".repeat(800)), "xxxxxxxx... (800 characters)");
    }

    #[test]
    fn json_steers_no_terminal_and_says_the_same() {
        let value = serde_json::json!({ "a": "x\u{9b}2J\u{202e}\u{2066}\u{7f}\u{1b}\u{e9}" });
        let text = harmless(&value.to_string());
        let escaped = r"x\u009b2J\u202e\u2066\u007f\u001b";
        assert!(text.contains(escaped), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    // fault: label-shown-as-question-marks
    #[test]
    fn text_of_people_loses_what_steers_a_terminal_alone() {
        let label = "S\u{fc}d \u{2013} \u{1f680} \u{65e5}\u{672c}";
        assert_eq!(shown(label, 80), label);
        let steering = "a\u{1b}[2J\u{202e}\u{200f}\u{9b}\n\u{2028}b";
        assert_eq!(shown(steering, 80), "a?[2J?????b");
        assert_eq!(shown("\u{e4}\u{e4}\u{e4}", 2), "\u{e4}\u{e4}...");
    }

    #[test]
    fn a_long_name_moves_no_column() {
        let mut lines = Lines::default();
        lines.heading("claims");
        lines.line("a", "1");
        lines.line("abc", "2");
        lines.line("x".repeat(30), "3");
        let long = "x".repeat(30);
        assert_eq!(
            lines.finish(),
            format!("claims\n  a    1\n  abc  2\n  {long}  3\n")
        );
    }
}
