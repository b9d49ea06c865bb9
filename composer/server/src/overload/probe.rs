//! Tells how long work that has come waits for the processor: sends a byte through the same queues as requests.

use std::{io, time::Duration};

use tokio::{
    net::UnixStream,
    time::{Instant, sleep, timeout},
};

/// So often a byte is sent.
const EVERY: Duration = Duration::from_millis(20);

/// A pair of sockets whose one end is heard by the runtime that serves requests.
///
/// A timer would not do: it wakes its task past all others that are ready. A byte on a socket is found by the runtime when a
/// request would be, and waits behind what a request would wait behind.
#[derive(Debug)]
pub(super) struct Probe {
    here: UnixStream,
    there: UnixStream,
    last: Instant,
}

/// How long work waits, and since when that was last known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) wait: Duration,
    pub(super) since: Duration,
}

impl Probe {
    pub(super) fn new() -> io::Result<Self> {
        let (here, there) = UnixStream::pair()?;
        Ok(Self {
            here,
            there,
            last: Instant::now(),
        })
    }

    /// Sends a byte, and tells how long it took, every so often while it is under way.
    pub(super) async fn next(&mut self, mut tell: impl FnMut(Sample)) -> io::Result<()> {
        sleep(EVERY).await;
        let sent = Instant::now();
        self.here.try_write(&[0])?;
        let mut arrived = false;
        while !arrived {
            arrived = matches!(timeout(EVERY, self.arrival()).await, Ok(Ok(())));
            let now = Instant::now();
            tell(Sample {
                wait: now - sent,
                since: now - self.last,
            });
            self.last = now;
        }
        Ok(())
    }

    async fn arrival(&self) -> io::Result<()> {
        loop {
            self.there.readable().await?;
            // Longer than what comes, so that the runtime knows that nothing is left.
            let mut byte = [0; 8];
            match self.there.try_read(&mut byte) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
