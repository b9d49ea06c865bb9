//! The new composer's side: takes the sockets of the old one, says when it is ready, and waits for its turn.

use std::{
    io,
    os::{fd::AsFd, unix::net::UnixStream},
};

use tokio::time::timeout;
use tracing::warn;

use super::{
    HandOverError, START_LIMIT, STEP_LIMIT,
    wire::{self, Word},
};
use crate::sockets::{Given, GivenSocket};

/// The composer whose place this one takes.
#[derive(Debug)]
pub struct Predecessor(UnixStream);

/// The old composer has given the turn: it waits to hear that this one serves.
#[derive(Debug)]
#[must_use = "the composer before goes on unless it is told"]
pub struct Turn(tokio::net::UnixStream);

impl Predecessor {
    /// Finds the old composer on stdin, and takes its sockets.
    ///
    /// # Errors
    /// When there is none, or one that speaks otherwise.
    pub fn on_stdin() -> Result<(Self, Given), HandOverError> {
        Self::find().map_err(HandOverError::NoPredecessor)
    }

    fn find() -> io::Result<(Self, Given)> {
        let channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        // That it is a socket at all; files have no such thing.
        channel.local_addr()?;
        channel.set_read_timeout(Some(STEP_LIMIT))?;
        let passed = wire::take(&channel)?;
        let mut sockets = Vec::new();
        for (key, (listener, keeper)) in ["listen", "admin_listen"].into_iter().zip(passed) {
            sockets.push(GivenSocket {
                address: listener.local_addr()?,
                listener,
                key: Some(key),
                keeper,
            });
        }
        Ok((Self(channel), Given::new(sockets)))
    }

    /// Says that this one is ready, and waits for its turn.
    ///
    /// # Errors
    /// When the old one gives none.
    pub async fn turn(self) -> Result<Turn, HandOverError> {
        let given = async {
            self.0.set_nonblocking(true)?;
            let mut channel = tokio::net::UnixStream::from_std(self.0)?;
            wire::say(&mut channel, Word::Ready).await?;
            wire::hear(&mut channel, Word::Go).await?;
            Ok(Turn(channel))
        };
        let late = |_| Err(io::Error::new(io::ErrorKind::TimedOut, "it said nothing"));
        let given = timeout(START_LIMIT, given).await.unwrap_or_else(late);
        given.map_err(HandOverError::NoTurn)
    }
}

impl Turn {
    /// Tells the old one that this one serves, so that it stops. One that isn't there any more has stopped: then there is
    /// nobody else who serves.
    pub async fn done(mut self) {
        if let Err(error) = wire::say(&mut self.0, Word::Serving).await {
            warn!(%error, "the composer before has gone without a word");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_serves_goes_on_when_the_one_before_has_gone() {
        let (gone, own) = tokio::net::UnixStream::pair().unwrap();
        drop(gone);
        timeout(STEP_LIMIT, Turn(own).done()).await.unwrap();
    }
}
