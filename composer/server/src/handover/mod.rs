//! One composer takes another's place: it gets the very sockets that are listened at, so that no client is refused.
//!
//! The old one starts the new one as a child whose stdin is one end of a socket pair. Nobody is served by both, and until
//! the new one serves, the old one can go on.

mod predecessor;
mod successor;
mod wire;

pub use predecessor::{Predecessor, Turn};
pub use successor::Successor;

use std::{io, time::Duration};

/// How long a new composer may take until it is ready.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long either may take for a step while nobody takes connections.
const STEP_LIMIT: Duration = Duration::from_secs(5);

/// Why one composer can't take another's place.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The new one can't be started.
    #[error("`{program}` can't be started")]
    Start {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The new one ended, or said something else.
    #[error("the new composer did not get as far as to {step}{ended}")]
    Lost {
        /// What was waited for.
        step: &'static str,
        /// How it ended, if it did.
        ended: String,
        /// What was heard instead.
        source: io::Error,
    },
    /// It took too long.
    #[error("the new composer did not {step} within {limit:?}")]
    Late {
        /// What was waited for.
        step: &'static str,
        /// For how long.
        limit: Duration,
    },
    /// The composer stops, or hands over already.
    #[error("the composer stops or hands over already")]
    Leaving,
    /// All processes of a container end with its first.
    #[error("this is process 1, with which its successor would end: start another container instead")]
    First,
    /// There is no composer on stdin whose place could be taken.
    #[error("no composer that hands over is on stdin: `--take-over` is what a composer starts its successor with")]
    NoPredecessor(#[source] io::Error),
    /// The old one ended, or gave no turn.
    #[error("the composer before gave no turn")]
    NoTurn(#[source] io::Error),
}
