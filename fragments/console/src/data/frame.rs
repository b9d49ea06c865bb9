//! What stands around every page.

use serde::{Deserialize, Serialize};

/// How something stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Broken, or about to be undone.
    Bad,
}

impl Tone {
    /// The classes of `block` in this tone.
    pub(crate) fn class(self, block: &str) -> String {
        let tone = match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        };
        format!("{block} is-{tone}")
    }
}

/// Something to know, with what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How bad it is.
    pub tone: Tone,
    /// What it is, in a few words.
    pub title: String,
    /// The rest of it.
    pub text: String,
    /// Where it leads on: words and address; empty when nowhere.
    pub link: (String, String),
}

/// A moment: for machines, for people, and how long ago it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// `2026-11-23T09:41:05Z`.
    pub iso: String,
    /// `23 Nov 2026, 09:41:05 UTC`.
    pub text: String,
    /// `4 min ago`.
    pub ago: String,
}

/// What stands around each page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// What the token is called; empty for someone who isn't signed in.
    pub user: String,
    /// What it may do, in words.
    pub rights: String,
    /// Which entry of the navigation this page is.
    pub here: Here,
    /// What came of the last form.
    pub notice: Option<Notice>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Here {
    /// None of them.
    #[default]
    Nowhere,
    /// All apps.
    Overview,
    /// One app.
    App,
    /// What was done.
    History,
    /// What a page is made of.
    Page,
}

/// The props of a page: its data, or why there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Props<T> {
    /// What stands around it.
    pub frame: Frame,
    /// What it shows.
    pub data: Option<T>,
    /// Why it doesn't.
    pub trouble: Option<Notice>,
}

/// When the data is of, and how the ledger is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// The newest revision.
    pub revision: u64,
    /// The composer's clock: `09:41:05 UTC`.
    pub clock: String,
    /// How the ledger is, in two words.
    pub ledger: String,
    /// The same at length; without text while it is good.
    pub store: Notice,
}
