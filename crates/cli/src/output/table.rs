//! Tables for people: a header, and columns as wide as their content.

use unicode_width::UnicodeWidthStr;

use crate::output::text::shown;

/// Rows of as many cells as the header has.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(header: [&str; N]) -> Self {
        Self {
            rows: vec![header.map(str::to_owned)],
        }
    }

    /// Adds a row. The texts may come from outside, so control characters are removed.
    pub(crate) fn row(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(|cell| match cell {
            "" => "-".to_owned(),
            cell => shown(cell, WIDEST),
        }));
    }

    /// Returns the header and the rows as lines. Returns an empty text if there are no rows.
    pub(crate) fn finish(self) -> String {
        if self.rows.len() == 1 {
            return String::new();
        }
        let width = |column: usize| {
            let widths = self.rows.iter().map(|row| row[column].width());
            widths.max().unwrap_or_default()
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())))
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

const WIDEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(["ID", "LABEL", "STATE"]);
        table.row(["7", "\u{1b}[31mred", ""]);
        table.row(["1234", "ä", "on"]);
        assert_eq!(
            table.finish(),
            "ID    LABEL     STATE\n7     ?[31mred  -\n1234  ä         on\n"
        );
        assert_eq!(Table::new(["ID"]).finish(), "");
    }

    // fault: label-shown-as-question-marks
    #[test]
    fn wide_characters_take_two_columns() {
        let mut table = Table::new(["LABEL", "STATE"]);
        table.row(["\u{65e5}\u{672c}\u{1f680}", "on"]);
        table.row(["a \u{2013} b", "off"]);
        assert_eq!(
            table.finish(),
            "LABEL   STATE\n\u{65e5}\u{672c}\u{1f680}  on\na \u{2013} b   off\n"
        );
    }
}
