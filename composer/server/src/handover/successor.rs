//! The old composer's side: starts the new one, gives it the sockets and its turn, or goes on when it fails.

use std::{
    io,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::timeout;
use tracing::warn;

use super::{
    HandOverError, START_LIMIT, STEP_LIMIT,
    wire::{self, Passed, Word},
};

/// A composer that was started to take this one's place. Until it serves, dropping this ends it.
#[derive(Debug)]
pub struct Successor {
    child: Option<Child>,
    channel: tokio::net::UnixStream,
}

impl Successor {
    /// Starts it, with the sockets of this one.
    pub(crate) fn start(mut command: Command, listeners: [Passed<BorrowedFd<'_>>; 2]) -> Result<Self, HandOverError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let failed = |source| HandOverError::Start { program, source };
        let mut start = || -> io::Result<Self> {
            let (own, theirs) = UnixStream::pair()?;
            wire::pass(&own, listeners)?;
            own.set_nonblocking(true)?;
            let channel = tokio::net::UnixStream::from_std(own)?;
            let child = command.stdin(Stdio::from(OwnedFd::from(theirs))).spawn()?;
            Ok(Self {
                child: Some(child),
                channel,
            })
        };
        start().map_err(failed)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Waits until it has started.
    pub(crate) async fn ready(&mut self) -> Result<(), HandOverError> {
        self.hear(Word::Ready, "be ready", START_LIMIT).await
    }

    /// Gives it the turn, and waits until it serves.
    pub(crate) async fn go(&mut self) -> Result<(), HandOverError> {
        let said = wire::say(&mut self.channel, Word::Go).await;
        said.map_err(|error| self.lost("take its turn", error))?;
        self.hear(Word::Serving, "serve", STEP_LIMIT).await
    }

    /// Lets it live on without this process.
    pub(crate) fn release(mut self) {
        self.child = None;
    }

    async fn hear(&mut self, word: Word, step: &'static str, limit: Duration) -> Result<(), HandOverError> {
        match timeout(limit, wire::hear(&mut self.channel, word)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(step, error)),
            Err(_) => Err(HandOverError::Late { step, limit }),
        }
    }

    fn lost(&mut self, step: &'static str, source: io::Error) -> HandOverError {
        let status = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        HandOverError::Lost {
            step,
            ended: status
                .map(|status| format!(", it ended with {status}"))
                .unwrap_or_default(),
            source,
        }
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let ended = child.kill().and_then(|()| child.wait());
        if let Err(error) = ended {
            warn!(process.id = child.id(), %error, "a composer that could not take over can't be ended");
        }
    }
}
