//! The console before an admin API that says what a test wants.

mod desk;
mod pages;
mod signing_in;
mod acting;
mod live;

pub(crate) use desk::canary;
