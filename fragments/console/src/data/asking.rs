//! Questions before acts, and who asks.

use serde::{Deserialize, Serialize};

use super::{Fields, Notice};

/// What is about to be done, for a person to think about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The question.
    pub title: String,
    /// What it means, a paragraph each.
    pub says: Vec<String>,
    /// What a check found.
    pub findings: Vec<Notice>,
    /// What the button says.
    pub button: String,
    /// True when it takes something away.
    pub danger: bool,
    /// True when a check refuses it.
    pub refused: bool,
    /// What is posted with the reason.
    pub fields: Fields,
    /// Where to go instead.
    pub back: String,
}

/// The reply to an act that was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What was done, as a sentence.
    pub text: String,
}

/// The page that signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Where to go on to.
    pub to: String,
    /// Why someone is here.
    pub notice: Option<Notice>,
}
