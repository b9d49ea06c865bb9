//! Errors as lines of text.

use std::{error::Error, fmt::Write};

/// No text of a failure is longer.
pub(crate) const MAX_TEXT_BYTES: usize = 300;

/// An error and what it came from, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

/// `text`, cut between characters where it is too long.
pub(crate) fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}
