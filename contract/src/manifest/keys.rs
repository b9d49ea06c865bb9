//! Reads the keys of one table; says which are missing, of the wrong type, or unknown.

use std::{collections::BTreeMap, ops::RangeInclusive, str::FromStr};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::Breach;

/// Every key of the manifest, table by table.
pub const KEYS: &[(&str, &[&str])] = &[
    ("", &["app", "pages", "fragments", "layouts", "assets", "events"]),
    ("app", &["name", "version", "owner", "cookies", "headers"]),
    ("pages", &["path", "fragment", "layout", "deadline_ms"]),
    (
        "fragments",
        &[
            "name",
            "path",
            "role",
            "deadline_ms",
            "hydrate",
            "includes",
            "eager",
            "params",
            "fallback",
            "max_body_bytes",
        ],
    ),
    ("layouts", &["name", "template", "includes"]),
    ("assets", &["dir", "module", "wasm", "styles", "budget_bytes"]),
    ("events", &["publishes", "subscribes"]),
];

/// The file being read, and what was found wrong in it.
pub(super) struct Source<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
    pub(super) breaches: Vec<Breach>,
}

impl Source<'_> {
    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        1 + before.iter().filter(|b| **b == b'\n').count()
    }

    pub(super) fn breach(&mut self, offset: usize, key: impl Into<String>, rule: impl Into<String>) {
        let line = self.line(offset);
        self.breaches.push(Breach {
            file: self.file.into(),
            line,
            key: key.into(),
            rule: rule.into(),
        });
    }
}

/// One table, of which keys are taken one after another.
pub(super) struct Keys<'t> {
    path: String,
    pub(super) offset: usize,
    entries: BTreeMap<&'t str, (usize, &'t Spanned<DeValue<'t>>)>,
}

impl<'t> Keys<'t> {
    /// Opens the table `name` at `path`; keys that the manifest doesn't have are breaches.
    pub(super) fn open(source: &mut Source<'_>, name: &str, path: &str, offset: usize, table: &'t DeTable<'t>) -> Self {
        let known = KEYS
            .iter()
            .find(|(table, _)| *table == name)
            .map_or(&[][..], |(_, keys)| *keys);
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let word: &str = key.get_ref();
            if known.contains(&word) {
                entries.insert(word, (key.span().start, value));
            } else {
                let rule = format!("unknown key; known here: {}", known.join(", "));
                source.breach(key.span().start, join(path, word), rule);
            }
        }
        Self {
            path: path.into(),
            offset,
            entries,
        }
    }

    pub(super) fn key(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Where `key` stands, or the table when it is missing.
    pub(super) fn at(&self, key: &str) -> usize {
        self.entries.get(key).map_or(self.offset, |(offset, _)| *offset)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entries.get(key).map(|(_, value)| *value)
    }

    pub(super) fn breach(&self, source: &mut Source<'_>, key: &str, rule: impl Into<String>) {
        source.breach(self.at(key), self.key(key), rule);
    }

    pub(super) fn missing(&self, source: &mut Source<'_>, key: &str) {
        self.breach(source, key, "is required");
    }

    pub(super) fn string(&self, source: &mut Source<'_>, key: &str) -> Option<&'t str> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) => Some(text),
            other => {
                self.breach(source, key, format!("must be a string, got {}", other.type_str()));
                None
            }
        }
    }

    /// The value of `key`, parsed.
    pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Option<T> {
        let text = self.string(source, key)?;
        text.parse()
            .map_err(|error| self.breach(source, key, format!("{error}")))
            .ok()
    }

    /// The same, and a breach when there is no such key.
    pub(super) fn required<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Option<T> {
        if self.value(key).is_none() {
            self.missing(source, key);
        }
        self.parsed(source, key)
    }

    pub(super) fn integer(&self, source: &mut Source<'_>, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let (low, high) = (range.start(), range.end());
        let text = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => number.to_string(),
            other => {
                self.breach(source, key, format!("must be a whole number, got {}", other.type_str()));
                return None;
            }
        };
        match text.parse::<u64>() {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                self.breach(source, key, format!("must be {low} to {high}, got {text}"));
                None
            }
        }
    }

    pub(super) fn list<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Vec<T> {
        let Some(value) = self.value(key) else { return vec![] };
        let DeValue::Array(items) = value.get_ref() else {
            self.breach(
                source,
                key,
                format!("must be a list, got {}", value.get_ref().type_str()),
            );
            return vec![];
        };
        let mut parsed = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{}[{at}]", self.key(key));
            match item.get_ref() {
                DeValue::String(text) => match text.parse() {
                    Ok(value) => parsed.push(value),
                    Err(error) => source.breach(item.span().start, path, format!("{error}")),
                },
                other => {
                    source.breach(
                        item.span().start,
                        path,
                        format!("must be a string, got {}", other.type_str()),
                    );
                }
            }
        }
        parsed
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.into()
    } else {
        format!("{path}.{key}")
    }
}
