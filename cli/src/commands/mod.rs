//! One file a command; `main.rs` is the table of them.

pub(crate) mod serve;
pub(crate) mod check;
pub(crate) mod pack;
pub(crate) mod new;
pub(crate) mod publish;
pub(crate) mod release;
pub(crate) mod promote;
pub(crate) mod pause;
pub(crate) mod resume;
pub(crate) mod abort;
pub(crate) mod rollback;
pub(crate) mod status;
pub(crate) mod history;
pub(crate) mod show;
pub(crate) mod team;
pub(crate) mod token;
pub(crate) mod gc;
pub(crate) mod doctor;
pub(crate) mod completions;
mod acting;
mod uploading;
mod version_folder;
mod terms;
mod waiting;
mod open_files;
