//! What happens to every request, outermost first.

pub(crate) mod request_id;
pub(crate) mod access_log;
pub(crate) mod catch_panic;
pub(crate) mod admission;
pub(crate) mod body_limit;
