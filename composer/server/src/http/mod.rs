//! Every URL that the composer answers.

pub(crate) mod router;
pub(crate) mod admin;
mod page;
mod part;
mod fragment;
mod gateway;
mod events;
mod overrides;
mod composition;
mod inspect;
mod order;
mod report;
mod visit;
mod asset;
mod static_files;
mod canonical;
