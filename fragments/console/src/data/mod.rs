//! What the BFF tells the views, ready to be shown: the same on the server, in the browser, and in replies to its polls.

mod asking;
mod outline;
mod app;
mod history;
mod overview;
mod frame;
pub mod place;

use std::collections::BTreeMap;

pub use app::{App, Arm, Canary, Instance, Sample, VersionRow};
pub use asking::{Ask, Done, SignIn};
pub use frame::{AsOf, Frame, Here, Moment, Notice, Props, Tone};
pub use history::{Entry, History};
pub use outline::{Found, PageOutline, Slot};
pub use overview::{AppRow, CanaryCard, Count, Overview};

/// The fields of a form, or the params of an address.
pub type Fields = BTreeMap<String, String>;
