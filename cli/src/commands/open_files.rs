//! The process's limit of open files, which connections need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A connection to a client, and one to a BFF for it.
const FILES_PER_CONNECTION: u64 = 2;

/// Raises the soft limit as far as it may go; says so when that is not enough for `connections`.
pub(crate) fn raise(connections: usize) {
    let wanted = (connections as u64).saturating_mul(FILES_PER_CONNECTION);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    if enough(current) {
        return;
    }
    let raised = if enough(maximum) { Some(wanted) } else { maximum };
    let limit = Rlimit {
        current: raised,
        maximum,
    };
    let set = setrlimit(Resource::Nofile, limit);
    if set.is_err() || !enough(raised) {
        let files = getrlimit(Resource::Nofile).current;
        tracing::warn!(
            files,
            wanted,
            connections,
            "too few open files are allowed for `limits.connections`"
        );
    }
}
