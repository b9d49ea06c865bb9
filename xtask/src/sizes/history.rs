//! `docs/sizes.csv`: one line a day on which sizes were written down.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};

use super::Bundle;
use crate::place;

const FILE: &str = "docs/sizes.csv";

/// One line of the file.
#[derive(Debug, Default)]
pub(super) struct Line(BTreeMap<String, String>);

impl Line {
    pub(super) fn parse(head: &str, line: &str) -> Self {
        let cells = head.split(',').zip(line.split(','));
        Self(cells.map(|(name, cell)| (name.into(), cell.into())).collect())
    }

    /// The day.
    pub(super) fn date(&self) -> &str {
        self.0.get("date").map_or("ever", String::as_str)
    }

    /// What a bundle was, with brotli.
    pub(super) fn bytes(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.parse().ok()
    }
}

/// The newest line; an empty one where nothing was written yet.
pub(super) fn last() -> Result<Line> {
    let text = read()?;
    let head = text.lines().next().unwrap_or_default();
    Ok(text
        .lines()
        .skip(1)
        .last()
        .map(|line| Line::parse(head, line))
        .unwrap_or_default())
}

/// All lines.
pub(super) fn read() -> Result<String> {
    let file = place::root().join(FILE);
    if !file.is_file() {
        return Ok(String::new());
    }
    fs::read_to_string(&file).with_context(|| FILE.to_owned())
}

/// Puts today's sizes behind those of other days.
pub(super) fn write(ours: &[Bundle]) -> Result<()> {
    let text = added(&read()?, &super::docs::today()?, ours);
    fs::write(place::root().join(FILE), text).with_context(|| FILE.to_owned())
}

/// A bundle that is new adds a column, empty in older lines; one that is gone stays, empty from now on.
fn added(before: &str, today: &str, ours: &[Bundle]) -> String {
    let head = before.lines().next().unwrap_or("date");
    let mut names: Vec<&str> = head.split(',').collect();
    for bundle in ours {
        if !names.contains(&&*bundle.name) {
            names.push(&bundle.name);
        }
    }
    let mut lines = vec![names.join(",")];
    let older = before.lines().skip(1).filter(|line| !line.starts_with(today));
    lines.extend(older.map(|line| {
        let missing = names.len().saturating_sub(line.split(',').count());
        line.to_owned() + &",".repeat(missing)
    }));
    let bytes = |name: &&str| {
        let bundle = ours.iter().find(|bundle| bundle.name == **name)?;
        Some(bundle.weight.brotli.to_string())
    };
    let cells: Vec<String> = names[1..].iter().map(|name| bytes(name).unwrap_or_default()).collect();
    lines.push(format!("{today},{}", cells.join(",")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{super::Weight, *};

    #[test]
    fn a_day_has_one_line_and_a_new_bundle_a_column() {
        let bundle = |name: &str, brotli| Bundle {
            name: name.into(),
            files: vec![],
            limit_bytes: None,
            limit_is: String::new(),
            weight: Weight {
                brotli,
                ..Weight::default()
            },
        };
        let first = added("", "2026-11-22", &[bundle("shell", 1)]);
        assert_eq!(first, "date,shell\n2026-11-22,1\n");
        let second = added(&first, "2026-11-23", &[bundle("shell", 2), bundle("inspector", 3)]);
        assert_eq!(second, "date,shell,inspector\n2026-11-22,1,\n2026-11-23,2,3\n");
        assert_eq!(
            added(&second, "2026-11-23", &[bundle("shell", 2), bundle("inspector", 3)]),
            second
        );
    }
}
