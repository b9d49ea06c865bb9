//! What was done.

use serde::{Deserialize, Serialize};

use super::{Fields, Moment, Tone};

/// An act in the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its revision.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What kind, as a word.
    pub act: String,
    /// How it looks.
    pub tone: Tone,
    /// What.
    pub text: String,
    /// Why.
    pub reason: String,
    /// The apps that it touched.
    pub apps: Vec<String>,
    /// The version that one may go back to; empty when there is none.
    pub back_to: String,
}

/// The history of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// What is asked for: `app`, `act`, `by`.
    pub filter: Fields,
    /// All apps to choose from.
    pub apps: Vec<String>,
    /// All kinds of acts: word on the wire, word for people.
    pub acts: Vec<(String, String)>,
    /// The address of older ones; empty at the end.
    pub older: String,
    /// True when the search ended early, and older entries were not looked at.
    pub cut: bool,
}
