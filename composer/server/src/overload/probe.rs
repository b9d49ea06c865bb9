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
        let mut arrived = false;
        loop {
            self.there.readable().await?;
            // Until nothing is left: only then does the runtime look for the next byte where it looks for requests.
            loop {
                match self.there.try_read(&mut [0; 8]) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(_) => arrived = true,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            if arrived {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_waits_behind_what_is_ready() {
        let mut probe = Probe::new().unwrap();
        let calm = sample(&mut probe).await;
        assert!(calm < Duration::from_millis(20), "{calm:?}");
        let busy = tokio::spawn(async {
            let end = Instant::now() + Duration::from_secs(2);
            while Instant::now() < end {
                let until = std::time::Instant::now() + Duration::from_millis(60);
                while std::time::Instant::now() < until {
                    std::hint::spin_loop();
                }
                tokio::task::yield_now().await;
            }
        });
        let mut longest = Duration::ZERO;
        for _ in 0..5 {
            longest = longest.max(sample(&mut probe).await);
        }
        busy.abort();
        assert!(longest > Duration::from_millis(30), "{longest:?}");
    }

    async fn sample(probe: &mut Probe) -> Duration {
        let mut wait = Duration::ZERO;
        probe.next(|sample| wait = sample.wait).await.unwrap();
        wait
    }
}
