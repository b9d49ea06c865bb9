//! What every request goes through, outermost first.

pub(crate) mod access_log;
pub(crate) mod panic;
pub(crate) mod problem_page;
pub(crate) mod deadline;
pub(crate) mod internal;
