//! Reads TOML table by table; says which keys are missing, of the wrong type, or unknown, and in which line.

use std::{collections::BTreeMap, ops::RangeInclusive, str::FromStr};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::breach::Breach;

/// The tables of a kind of file, and the keys of each; the file itself is the table ``. The key `*` stands for any.
pub type Known = &'static [(&'static str, &'static [&'static str])];

/// The file being read, and what was found wrong in it.
#[derive(Debug)]
pub struct Source<'t> {
    /// Its name, as errors say it.
    pub file: &'t str,
    /// What was wrong so far.
    pub breaches: Vec<Breach>,
    text: &'t str,
    known: Known,
}

impl<'t> Source<'t> {
    /// Reads `text` by `read`, which gets the file's own table; not called when the text isn't TOML.
    ///
    /// # Errors
    /// Every breach, in the order of the file.
    pub fn read<T>(
        file: &'t str,
        text: &'t str,
        known: Known,
        read: impl FnOnce(&mut Self, &Keys<'_>) -> Option<T>,
    ) -> Result<T, Vec<Breach>> {
        let mut source = Self {
            file,
            breaches: vec![],
            text,
            known,
        };
        let (table, syntax) = DeTable::parse_recoverable(text);
        for error in &syntax {
            let at = error.span().map_or(0, |span| span.start);
            source.breach(at, "", format!("not TOML: {}", error.message()));
        }
        let mut value = None;
        if syntax.is_empty() {
            let keys = Keys::open(&mut source, "", "", 0, table.get_ref());
            value = read(&mut source, &keys);
        }
        source.breaches.sort();
        match value {
            Some(value) if source.breaches.is_empty() => Ok(value),
            _ => Err(source.breaches),
        }
    }

    /// The line that holds the byte at `offset`, counted from 1.
    pub fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        1 + before.iter().filter(|b| **b == b'\n').count()
    }

    /// Adds a breach.
    pub fn breach(&mut self, offset: usize, key: impl Into<String>, rule: impl Into<String>) {
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
#[derive(Debug)]
pub struct Keys<'t> {
    path: String,
    offset: usize,
    entries: BTreeMap<&'t str, (usize, &'t Spanned<DeValue<'t>>)>,
}

impl<'t> Keys<'t> {
    /// Opens the table `name` at `path`; unknown keys are breaches.
    fn open(source: &mut Source<'_>, name: &str, path: &str, offset: usize, table: &'t DeTable<'t>) -> Self {
        let known = source
            .known
            .iter()
            .find(|(table, _)| *table == name)
            .map_or(&[][..], |(_, keys)| *keys);
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let word: &str = key.get_ref();
            if known.contains(&word) || known == ["*"] {
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

    /// The key with its tables: `fragments[2].deadline_ms`.
    pub fn key(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Where `key` stands, or the table when it is missing.
    pub fn at(&self, key: &str) -> usize {
        self.entries.get(key).map_or(self.offset, |(offset, _)| *offset)
    }

    /// The keys that the table has.
    pub fn names(&self) -> Vec<&'t str> {
        self.entries.keys().copied().collect()
    }

    /// Tells whether the file gives `key`.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entries.get(key).map(|(_, value)| *value)
    }

    /// Adds a breach of a rule about `key`.
    pub fn breach(&self, source: &mut Source<'_>, key: &str, rule: impl Into<String>) {
        source.breach(self.at(key), self.key(key), rule);
    }

    /// Adds the breach that `key` is missing.
    pub fn missing(&self, source: &mut Source<'_>, key: &str) {
        self.breach(source, key, "is required");
    }

    /// The table `[name]`.
    pub fn table(&self, source: &mut Source<'_>, name: &str) -> Option<Self> {
        self.table_of(source, name, name)
    }

    /// The table `[name]`, whose keys are those known of `kind`.
    pub fn table_of(&self, source: &mut Source<'_>, name: &str, kind: &str) -> Option<Self> {
        match self.value(name)?.get_ref() {
            DeValue::Table(table) => Some(Self::open(source, kind, &self.key(name), self.at(name), table)),
            other => {
                let rule = format!("must be a table `[{name}]`, got {}", other.type_str());
                self.breach(source, name, rule);
                None
            }
        }
    }

    /// The tables `[[name]]`, each with where it begins.
    pub fn tables(&self, source: &mut Source<'_>, name: &str) -> Vec<(usize, Self)> {
        let Some(value) = self.value(name) else { return vec![] };
        let DeValue::Array(items) = value.get_ref() else {
            let rule = format!("must be tables `[[{name}]]`, got {}", value.get_ref().type_str());
            self.breach(source, name, rule);
            return vec![];
        };
        let mut all = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{name}[{at}]");
            let DeValue::Table(table) = item.get_ref() else {
                source.breach(item.span().start, path, "must be a table");
                continue;
            };
            let first = table.keys().map(|key| key.span().start).min();
            let start = first.unwrap_or(item.span().start);
            all.push((start, Self::open(source, name, &path, start, table)));
        }
        all
    }

    /// The text of `key`.
    pub fn string(&self, source: &mut Source<'_>, key: &str) -> Option<&'t str> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) => Some(text),
            other => {
                self.breach(source, key, format!("must be a string, got {}", other.type_str()));
                None
            }
        }
    }

    /// The value of `key`, parsed.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Option<T> {
        let text = self.string(source, key)?;
        text.parse()
            .map_err(|error| self.breach(source, key, format!("{error}")))
            .ok()
    }

    /// The same, and a breach when there is no such key.
    pub fn required<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Option<T> {
        if self.value(key).is_none() {
            self.missing(source, key);
        }
        self.parsed(source, key)
    }

    /// The `true` or `false` of `key`.
    pub fn boolean(&self, source: &mut Source<'_>, key: &str) -> Option<bool> {
        match self.value(key)?.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            other => {
                let rule = format!("must be `true` or `false`, got {}", other.type_str());
                self.breach(source, key, rule);
                None
            }
        }
    }

    /// The number of `key`, which has to be in `range`.
    pub fn integer(&self, source: &mut Source<'_>, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
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

    /// The texts in the list `key`, each parsed.
    pub fn list<T: FromStr<Err: std::fmt::Display>>(&self, source: &mut Source<'_>, key: &str) -> Vec<T> {
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
