//! From what the admin API says to what the views show.

mod overview;
mod app;
mod policy;
mod history;
mod outline;
mod canary;
mod verdict;

pub(crate) use app::app;
pub(crate) use history::history;
pub(crate) use outline::found;
pub(crate) use overview::overview;
pub(crate) use verdict::verdict;
