//! Version folders, from a team's source to what a composer serves.

mod app;
mod packing;
mod loading;
mod snapshot;
