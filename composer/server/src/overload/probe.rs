//! Tells how long work that has come waits for the processor: sends bytes through the same queues as requests.
//!
//! A timer of the runtime would not do: it wakes its task past all others that are ready. A byte on a socket is found by the
//! runtime when a request would be, and waits behind what a request would wait behind. It is sent and timed by a thread that
//! waits behind nobody, so that a wait is seen while it grows.

use std::{
    collections::VecDeque,
    io::{self, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// So often a byte is sent.
const EVERY: Duration = Duration::from_millis(20);
/// No more bytes are on their way at once: by then the wait is long enough to be known.
const MOST: usize = 64;

/// The end of the bytes' way, and what makes their thread end.
pub(super) struct Probe {
    arriving: tokio::net::UnixStream,
    arrived: Arc<Arrived>,
    _stop: Sender<()>,
}

/// How long work waits, and since when that was last known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) wait: Duration,
    pub(super) since: Duration,
}

#[derive(Debug)]
struct Arrived {
    began: Instant,
    bytes: AtomicU64,
    last_ns: AtomicU64,
}

impl Probe {
    /// Starts the thread; it gives samples to `tell` until this is dropped.
    pub(super) fn start(tell: impl FnMut(Sample) + Send + 'static) -> io::Result<Self> {
        let (sending, arriving) = UnixStream::pair()?;
        sending.set_nonblocking(true)?;
        arriving.set_nonblocking(true)?;
        let arriving = tokio::net::UnixStream::from_std(arriving)?;
        let arrived = Arc::new(Arrived {
            began: Instant::now(),
            bytes: AtomicU64::default(),
            last_ns: AtomicU64::default(),
        });
        let (stop, stopped) = channel();
        let seen = Arc::clone(&arrived);
        thread::Builder::new()
            .name("overload".into())
            .spawn(move || send(&sending, &seen, &stopped, tell))?;
        Ok(Self {
            arriving,
            arrived,
            _stop: stop,
        })
    }

    /// Takes the bytes as they come; ends when no more will.
    pub(super) async fn take(self) -> io::Result<()> {
        loop {
            self.arriving.readable().await?;
            // Until nothing is left: only then does the runtime look for the next byte where it looks for requests.
            loop {
                match self.arriving.try_read(&mut [0; MOST]) {
                    Ok(0) => return Ok(()),
                    Ok(bytes) => self.arrived.add(bytes),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

impl Arrived {
    fn add(&self, bytes: usize) {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.last_ns.store(now, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }
}

fn send(mut sending: &UnixStream, arrived: &Arrived, stopped: &Receiver<()>, mut tell: impl FnMut(Sample)) {
    let mut way: VecDeque<Instant> = VecDeque::new();
    let (mut known, mut wait, mut last) = (0, Duration::ZERO, Instant::now());
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let now = Instant::now();
        let bytes = arrived.bytes.load(Relaxed);
        let came = usize::try_from(bytes - known).unwrap_or(usize::MAX).min(way.len());
        known = bytes;
        if let Some(sent) = way.drain(..came).next_back() {
            let at = arrived.began + Duration::from_nanos(arrived.last_ns.load(Relaxed));
            wait = at.saturating_duration_since(sent);
        }
        if let Some(oldest) = way.front() {
            wait = now.saturating_duration_since(*oldest);
        }
        tell(Sample {
            wait,
            since: now - last,
        });
        last = now;
        if way.len() < MOST && sending.write(&[0]).is_ok() {
            way.push_back(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    async fn longest(busy_ms: u64) -> Duration {
        let longest = Arc::new(Mutex::new(Duration::ZERO));
        let seen = Arc::clone(&longest);
        let probe = Probe::start(move |sample| {
            let mut longest = seen.lock().unwrap_or_else(PoisonError::into_inner);
            *longest = sample.wait.max(*longest);
        });
        let taking = tokio::spawn(probe.unwrap().take());
        for _ in 0..10 {
            let until = Instant::now() + Duration::from_millis(busy_ms);
            while Instant::now() < until {
                std::hint::spin_loop();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        taking.abort();
        *longest.lock().unwrap()
    }

    #[tokio::test]
    async fn what_comes_waits_for_what_is_done() {
        assert!(longest(80).await > Duration::from_millis(50));
    }

    #[tokio::test]
    async fn a_probe_that_is_dropped_ends_its_thread() {
        let (alive, ended) = channel::<()>();
        let probe = Probe::start(move |_| {
            let _ = &alive;
        });
        drop(probe.unwrap());
        let over = tokio::task::spawn_blocking(move || ended.recv_timeout(Duration::from_secs(10)));
        assert_eq!(over.await.unwrap(), Err(RecvTimeoutError::Disconnected));
    }
}
