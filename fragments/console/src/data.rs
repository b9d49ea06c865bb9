//! What the BFF tells the views, ready to be shown: the same on the server, in the browser, and in replies to its polls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The fields of a form, or the params of an address.
pub type Fields = BTreeMap<String, String>;

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

/// All apps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// When it is of.
    pub as_of: AsOf,
    /// The apps, by name.
    pub apps: Vec<AppRow>,
    /// The canaries under way.
    pub canaries: Vec<CanaryCard>,
}

/// An app among all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRow {
    /// Its name.
    pub app: String,
    /// Whose it is.
    pub owner: String,
    /// The version for everybody.
    pub stable: Option<String>,
    /// The version of its canary, with its audience: `1.5.0`, `25 %`.
    pub canary: Option<(String, String)>,
    /// Instances of what is live.
    pub instances: Count,
    /// True when the token may look into it.
    pub open: bool,
}

/// Instances that answer, of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// That answer.
    pub healthy: u32,
    /// All of them.
    pub total: u32,
}

/// A canary among all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryCard {
    /// Its versions: app, version.
    pub apps: Vec<(String, String)>,
    /// For whom it is: `25 % of users`.
    pub audience: String,
    /// The share in basis points; `None` for cohorts and groups.
    pub share_bp: Option<u32>,
    /// True when it stays as it is.
    pub paused: bool,
    /// What comes next, and when.
    pub next: String,
    /// How it does.
    pub verdict: Notice,
}

/// One app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// When it is of.
    pub as_of: AsOf,
    /// Its name.
    pub app: String,
    /// Whom its manifest names.
    pub owner: String,
    /// The team that owns it; empty when nobody does.
    pub team: String,
    /// The version for everybody.
    pub stable: Option<String>,
    /// Why nothing can be done to it with this token; empty when it can.
    pub forbidden: String,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// Its canary.
    pub canary: Option<Canary>,
    /// What was done to it, newest first.
    pub history: Vec<Entry>,
}

/// A version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The version.
    pub version: String,
    /// For whom it is live: `everybody`, `canary · 25 %`; empty for nobody.
    pub live: String,
    /// True when it is live for everybody.
    pub stable: bool,
    /// True when it can be rolled back to.
    pub former: bool,
    /// When it was published; `None` while only its instances are known.
    pub published: Option<Moment>,
    /// By whom.
    pub by: String,
    /// Where it comes from.
    pub note: String,
    /// How many of its instances answer.
    pub count: Count,
    /// Its instances.
    pub instances: Vec<Instance>,
}

/// An instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Where it is.
    pub origin: String,
    /// How it is.
    pub tone: Tone,
    /// The same in a word.
    pub state: String,
    /// Who said so, what is under way, what went wrong.
    pub text: String,
}

/// A canary with its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The release: `r57`.
    pub id: String,
    /// What every list of it shows.
    pub card: CanaryCard,
    /// The version of this app in it.
    pub version: String,
    /// What it is compared with.
    pub against: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub since: Moment,
    /// Why.
    pub reason: String,
    /// The shares in basis points; empty for cohorts and groups.
    pub steps: Vec<u32>,
    /// The step it is at.
    pub step: usize,
    /// Failed requests beyond the stable version's rate that end it, in basis points.
    pub max_failures_bp: u32,
    /// Reported page views beyond the stable version's rate that end it, in basis points.
    pub max_reports_bp: u32,
    /// Its own numbers.
    pub ours: Arm,
    /// Those of the stable versions.
    pub theirs: Arm,
    /// Its course, oldest first.
    pub samples: Vec<Sample>,
}

/// What happened to the users of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Requests to its BFFs.
    pub requests: u64,
    /// Failed ones.
    pub errors: u64,
    /// Late ones.
    pub late: u64,
    /// Pages with it.
    pub views: u64,
    /// Pages of which a browser reported something broken.
    pub reports: u64,
}

/// Both sides at a moment, counted from the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds since the canary began.
    pub at_s: u64,
    /// The share then, in basis points.
    pub share_bp: u32,
    /// The canary.
    pub ours: Arm,
    /// The stable versions.
    pub theirs: Arm,
}

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

/// What a page is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOutline {
    /// The address that was asked for; empty when none was.
    pub path: String,
    /// The moment as typed: `2026-11-23T09:41`; empty for now.
    pub at: String,
    /// What was found.
    pub found: Option<Found>,
}

/// A page, at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The moment.
    pub moment: Moment,
    /// The revision of that moment.
    pub revision: u64,
    /// The route's pattern; empty when no page had the address.
    pub route: String,
    /// The layout.
    pub layout: String,
    /// All versions that were live.
    pub composition: Vec<String>,
    /// What it may show, outermost first.
    pub slots: Vec<Slot>,
}

/// A fragment that a page may show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// `checkout/mini-cart`.
    pub fragment: String,
    /// Its app.
    pub app: String,
    /// The version; empty when the app is not live.
    pub version: String,
    /// Whose it is.
    pub owner: String,
    /// What its failure means.
    pub role: String,
    /// What includes it; empty for the page's own fragment.
    pub included_by: String,
    /// How deep it is, from 0.
    pub depth: usize,
    /// Which of six colours its app has here.
    pub hue: u8,
}

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

/// The addresses of the console's pages.
pub mod place {
    /// All apps.
    pub const OVERVIEW: &str = "/_m/console";
    /// What was done.
    pub const HISTORY: &str = "/_m/console/history";
    /// What a page is made of.
    pub const PAGE: &str = "/_m/console/page";
    /// Who is there?
    pub const SIGN_IN: &str = "/_m/console/sign-in";
    /// Asks before something is done.
    pub const CONFIRM: &str = "/_m/console/confirm";

    /// One app.
    pub fn app(app: &str) -> String {
        format!("{OVERVIEW}/apps/{app}")
    }
}
