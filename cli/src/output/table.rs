//! Tables without lines: columns that stand under each other, headings first.

use tabled::{
    builder::Builder,
    settings::{Padding, Style, Width, peaker::Priority},
};

use super::clean;

/// Narrower than this, nothing is wrapped: it would be columns of single letters.
const LEAST_WIDTH: usize = 40;

/// A table in the making.
#[derive(Debug)]
pub(crate) struct Table {
    builder: Builder,
    width: Option<usize>,
}

impl Table {
    pub(super) fn new(headings: impl Iterator<Item = String>, width: Option<usize>) -> Self {
        let mut builder = Builder::new();
        builder.push_record(headings);
        Self { builder, width }
    }

    /// One row; cells that others wrote go through [`cell`] first.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.builder.push_record(cells);
    }

    /// The lines, each indented by `indent`.
    pub(crate) fn text(self, indent: &str) -> String {
        let mut table = self.builder.build();
        table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
        if let Some(width) = self.width.filter(|width| *width >= LEAST_WIDTH) {
            let width = width.saturating_sub(indent.len());
            table.with(Width::wrap(width).keep_words(true).priority(Priority::max(true)));
        }
        let lines = table.to_string();
        lines
            .lines()
            .map(|line| format!("{indent}{}\n", line.trim_end()))
            .collect()
    }
}

/// What others wrote, as one line of a cell.
pub(crate) fn cell(text: &str) -> String {
    clean(&text.replace('\n', " ")).into_owned()
}

/// A cell that may have nothing to say.
pub(crate) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "-".into(), cell)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn table(width: Option<usize>) -> String {
        let mut table = Table::new(["APP", "LIVE", "WHY"].map(String::from).into_iter(), width);
        table.row(["checkout".into(), "\u{1b}[32m1.4.2\u{1b}[0m".into(), cell("a\nb")]);
        table.row([
            "decide".into(),
            optional(None),
            cell("the quick brown fox jumps over the lazy dog"),
        ]);
        table.text("")
    }

    #[test]
    fn columns_stand_under_each_other() {
        expect![[r#"
              APP       LIVE   WHY
              checkout  1.4.2  a b
              decide    -      the quick brown fox jumps over the lazy dog
        "#]]
        .assert_eq(&table(None).replace("\u{1b}[32m", "").replace("\u{1b}[0m", ""));
    }

    #[test]
    fn a_narrow_terminal_wraps_the_widest_column() {
        for line in table(Some(50)).lines() {
            assert!(
                line.replace("\u{1b}[32m", "").replace("\u{1b}[39m", "").chars().count() <= 50,
                "{line}"
            );
        }
        assert!(table(Some(50)).lines().count() > 3);
    }
}
