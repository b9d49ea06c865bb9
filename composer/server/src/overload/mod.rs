//! Who is let in: as many requests at once as there are places, and no more work than the processor keeps up with.

mod probe;
mod refusal;
mod share;

use std::{
    sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use metrics::gauge;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};
use tracing::warn;

use crate::{config::Limits, drain::Drain, places::Places};
use probe::{Probe, Sample};
pub(crate) use refusal::refusal;
use share::Share;

/// Work waits no longer for the processor than this, which a page does several times: once for each of its steps.
const LONGEST_WAIT: Duration = Duration::from_millis(5);
/// Unless requests may wait so many times as long: who lets them has a machine that does much else.
const STEPS: u32 = 3;
/// So few requests that wait, or are under way, are no overload, however long it takes: a browser asks for as many at once,
/// and another program may have the processor.
const FEW: usize = 32;
/// How often requests come is told by about so many seconds.
const RATE_S: f64 = 0.5;
/// The share is kept as so many parts of one.
const WHOLE: f64 = 65_536.0;
/// Files are refused only when nearly all pages are: a page that was let in is of no use without them.
const FILES_FROM: f64 = 0.9;
/// So often the log says that requests are refused.
const LOG_EVERY: Duration = Duration::from_secs(1);

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file that is there already.
    File,
    /// Anything that is made.
    Work,
    /// A stream that a tab listens to: work to begin with, and no request any more once it has begun.
    Stream,
}

/// Why a request isn't let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No place became free in time.
    Places,
    /// The processor doesn't keep up.
    Processor,
}

/// The gate before all requests.
#[derive(Debug)]
pub(crate) struct Admission {
    places: Places,
    queue: AtomicUsize,
    queue_wait_us: AtomicU64,
    /// Requests in the queue.
    waiting: AtomicUsize,
    /// Requests that came since the last sample.
    arrived: AtomicUsize,
    share: AtomicU32,
    refused: AtomicU64,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        let admission = Self {
            places: Places::new(limits.requests),
            queue: AtomicUsize::default(),
            queue_wait_us: AtomicU64::default(),
            waiting: AtomicUsize::default(),
            arrived: AtomicUsize::default(),
            share: AtomicU32::default(),
            refused: AtomicU64::default(),
        };
        admission.set_queue(limits);
        admission
    }

    /// Goes by other limits from now on.
    pub(crate) fn renew(&self, limits: &Limits) {
        self.places.resize(limits.requests);
        self.set_queue(limits);
    }

    fn set_queue(&self, limits: &Limits) {
        self.queue.store(limits.queue, Relaxed);
        let wait = u64::try_from(limits.queue_wait.as_micros()).unwrap_or(u64::MAX);
        self.queue_wait_us.store(wait, Relaxed);
    }

    /// Lets a request in, at once or after a short wait.
    ///
    /// # Errors
    /// Why it isn't.
    pub(crate) async fn admit(&self, kind: Kind) -> Result<OwnedSemaphorePermit, Refused> {
        self.arrived.fetch_add(1, Relaxed);
        let refused = if self.is_too_much(kind) {
            Refused::Processor
        } else if let Some(place) = self.places.try_take() {
            return Ok(place);
        } else if let Some(place) = self.wait().await {
            return Ok(place);
        } else {
            Refused::Places
        };
        self.refused.fetch_add(1, Relaxed);
        Err(refused)
    }

    fn is_too_much(&self, kind: Kind) -> bool {
        let share = match (self.share.load(Relaxed), kind) {
            (0, _) => return false,
            (share, Kind::Work | Kind::Stream) => share,
            (share, Kind::File) => of_files(share),
        };
        u32::from(fastrand::u16(..)) < share && self.places.taken() >= FEW
    }

    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        let waiting = Counted::new(&self.waiting);
        if waiting.of() > self.queue.load(Relaxed) {
            return None;
        }
        let longest = Duration::from_micros(self.queue_wait_us.load(Relaxed));
        timeout(longest, self.places.take()).await.ok()
    }

    fn take(&self, sample: Sample, course: &mut Course) {
        let longest = Duration::from_micros(self.queue_wait_us.load(Relaxed));
        let target = longest.min(LONGEST_WAIT.max(longest / STEPS));
        let target = target.max(course.few_come_in(self.arrived.swap(0, Relaxed), sample.since));
        let now = course.share.sample(sample.wait, sample.since, target);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of 0 to 1"
        )]
        self.share.store((now * WHOLE) as u32, Relaxed);
        course.tell(sample.wait, now, &self.refused);
    }
}

/// Sets the share that `gate` refuses by how long work waits for the processor, until `drain` has ended.
pub(crate) async fn keep_up<G>(gate: G, drain: &Drain)
where
    G: AsRef<Admission> + Send + 'static,
{
    let mut course = Course::new();
    let probe = Probe::start(move |sample| gate.as_ref().take(sample, &mut course));
    let probe = match probe {
        Ok(probe) => probe,
        Err(error) => return warn!(%error, "no overload will be noticed"),
    };
    tokio::select! {
        () = drain.ended() => {}
        taken = probe.take() => if let Err(error) = taken {
            warn!(%error, "no overload will be noticed any more");
        }
    }
}

fn of_files(share: u32) -> u32 {
    let share = f64::from(share) / WHOLE;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 0 to 1"
    )]
    let share = ((share - FILES_FROM).max(0.0) / (1.0 - FILES_FROM) * WHOLE) as u32;
    share
}

/// One of those that are counted.
#[derive(Debug)]
struct Counted<'a> {
    counter: &'a AtomicUsize,
    of: usize,
}

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        let of = counter.fetch_add(1, Relaxed) + 1;
        Self { counter, of }
    }

    /// How many there were with this one.
    fn of(&self) -> usize {
        self.of
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.counter.fetch_sub(1, Relaxed);
    }
}

/// What was seen so far, and what is told of it.
struct Course {
    share: Share,
    per_second: f64,
    last_told: Instant,
}

impl Course {
    fn new() -> Self {
        Self {
            share: Share::new(),
            per_second: 0.0,
            last_told: Instant::now(),
        }
    }

    /// How long it takes until [`FEW`] requests have come, when `arrived` came in the last `since`.
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    fn few_come_in(&mut self, arrived: usize, since: Duration) -> Duration {
        let since = since.as_secs_f64().max(1e-6);
        let weight = 1.0 - (-since / RATE_S).exp();
        self.per_second += (arrived as f64 / since - self.per_second) * weight;
        Duration::try_from_secs_f64(FEW as f64 / self.per_second.max(0.01)).unwrap_or(Duration::MAX)
    }

    /// Says now and then how it goes: a line for each request that is refused would cost more than the refusal.
    fn tell(&mut self, wait: Duration, share: f64, refused: &AtomicU64) {
        gauge!("composer_processor_wait_seconds").set(wait.as_secs_f64());
        gauge!("composer_refused_share").set(share);
        if self.last_told.elapsed() < LOG_EVERY {
            return;
        }
        self.last_told = Instant::now();
        let refused = refused.swap(0, Relaxed);
        if refused > 0 {
            let wait_ms = wait.as_secs_f64() * 1e3;
            warn!(refused, wait_ms, share, "overload, requests are refused");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(requests: usize, queue: usize) -> Admission {
        Admission::new(&Limits {
            requests,
            queue,
            queue_wait: Duration::from_millis(20),
            ..Limits::default()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_waits_a_moment_in_a_queue_with_an_end() {
        let admission = admission(1, 1);
        let first = admission.admit(Kind::Work).await.unwrap();
        let began = Instant::now();
        let (queued, beyond) = tokio::join!(admission.admit(Kind::Work), async {
            let beyond = admission.admit(Kind::Work).await;
            (beyond, began.elapsed())
        });
        assert_eq!(queued.unwrap_err(), Refused::Places);
        assert_eq!(began.elapsed().as_millis(), 20);
        assert_eq!((beyond.0.unwrap_err(), beyond.1), (Refused::Places, Duration::ZERO));
        let (queued, ()) = tokio::join!(admission.admit(Kind::Work), async { drop(first) });
        assert!(queued.is_ok());
    }

    #[tokio::test]
    async fn a_share_is_refused_and_files_last() {
        let admission = admission(1_000, 0);
        admission.share.store(65_536 * 3 / 4, Relaxed);
        let few: Vec<_> = std::iter::repeat_with(|| admission.places.try_take())
            .take(FEW)
            .collect();
        let mut work = 0;
        for _ in 0..1_000 {
            work += usize::from(admission.admit(Kind::Work).await.is_ok());
            assert!(admission.admit(Kind::File).await.is_ok());
        }
        assert!((150..350).contains(&work), "{work}");
        admission.share.store(65_000, Relaxed);
        let files = std::iter::repeat_with(|| admission.is_too_much(Kind::File)).take(1_000);
        assert!(files.filter(|refused| *refused).count() > 500);
        drop(few);
        let files = std::iter::repeat_with(|| admission.is_too_much(Kind::File)).take(1_000);
        assert_eq!(files.filter(|refused| *refused).count(), 0, "nothing is under way");
    }

    #[tokio::test]
    async fn few_requests_are_no_overload_however_long_they_wait() {
        let refused_at = |arrived: usize, wait_ms: u64| {
            let (admission, mut course) = (admission(1_000, 0), Course::new());
            for _ in 0..100 {
                admission.arrived.store(arrived, Relaxed);
                let (wait, since) = (Duration::from_millis(wait_ms), Duration::from_millis(20));
                admission.take(Sample { wait, since }, &mut course);
            }
            admission.share.load(Relaxed) > 0
        };
        assert!(!refused_at(1, 400), "50 a second, of which 20 wait");
        assert!(refused_at(3, 400), "150 a second, of which 60 wait");
        assert!(
            !refused_at(100, 6) && refused_at(100, 12),
            "5000 a second, 32 in 6.4 ms"
        );
    }
}
