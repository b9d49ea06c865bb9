//! One broken rule, and where.

use std::fmt;

/// What is wrong: file, line, key and rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The file, as the caller named it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// The key with its tables: `fragments[2].deadline_ms`.
    pub key: String,
    /// The rule, and the value that breaks it.
    pub rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.rule)
    }
}

impl std::error::Error for Breach {}
