//! Who is let in: as many requests at once as there are places, and no more work than the processor keeps up with.

mod probe;
mod refusal;
mod window;
mod workers;

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use metrics::{counter, gauge};
use tokio::{
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};
use tracing::warn;

use crate::{config::Limits, drain::Drain, places::Places};
use probe::{Probe, Sample};
pub(crate) use refusal::{message as refusal_message, refusal};
use window::{Seen, Window};
use workers::Workers;

/// Work waits no longer for the processor than this, which a page does several times: once for each of its steps.
const LONGEST_WAIT: Duration = Duration::from_millis(3);
/// Unless requests may wait so many times as long: who lets them has a machine that does much else.
const STEPS: u32 = 5;
/// So few requests under way are no overload, however long they take: a browser asks for as many at once, and another
/// program may have the processor.
const FEW: usize = 32;
/// Nor are so few that wait for the processor at once.
const FEW_WAIT: f64 = 8.0;
/// Files are refused only when so many times as many requests are under way as there may be pages: a page that was let in
/// is of no use without them, and a file costs little more than to refuse it.
const FILES: usize = 4;
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

/// A request isn't let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

/// The gate before all requests.
#[derive(Debug)]
pub(crate) struct Admission {
    places: Places,
    queue: AtomicUsize,
    queue_wait_us: AtomicU64,
    /// Requests in the queue.
    waiting: AtomicUsize,
    /// So many requests may be under way.
    window: AtomicUsize,
    /// What became of those that came since the last sample.
    let_in: AtomicU64,
    no_place: AtomicU64,
    no_time: AtomicU64,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        let admission = Self {
            places: Places::new(limits.requests),
            queue: AtomicUsize::default(),
            queue_wait_us: AtomicU64::default(),
            waiting: AtomicUsize::default(),
            window: AtomicUsize::new(usize::MAX),
            let_in: AtomicU64::default(),
            no_place: AtomicU64::default(),
            no_time: AtomicU64::default(),
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
        if self.turns_away(kind) {
            return Err(Refused);
        }
        let place = match self.places.try_take() {
            Some(place) => Some(place),
            None => self.wait().await,
        };
        let counter = if place.is_some() { &self.let_in } else { &self.no_place };
        counter.fetch_add(1, Relaxed);
        place.ok_or(Refused)
    }

    /// Tells whether there are requests that aren't let in at this moment.
    pub(crate) fn turns_any_away(&self) -> bool {
        self.is_too_much(Kind::Work) || self.has_no_room()
    }

    fn has_no_room(&self) -> bool {
        self.places.are_taken() && self.waiting.load(Relaxed) >= self.queue.load(Relaxed)
    }

    /// Tells whether a request that comes now isn't let in; then it is counted, and is to be told so.
    pub(crate) fn turns_away(&self, kind: Kind) -> bool {
        let counter = if self.is_too_much(kind) {
            &self.no_time
        } else if self.has_no_room() {
            &self.no_place
        } else {
            return false;
        };
        counter.fetch_add(1, Relaxed);
        true
    }

    fn is_too_much(&self, kind: Kind) -> bool {
        let window = match (self.window.load(Relaxed), kind) {
            (usize::MAX, _) => return false,
            (window, Kind::Work | Kind::Stream) => window,
            (window, Kind::File) => window.saturating_mul(FILES),
        };
        self.places.taken() >= window
    }

    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        let waiting = Counted::new(&self.waiting);
        if waiting.of() > self.queue.load(Relaxed) {
            return None;
        }
        let longest = Duration::from_micros(self.queue_wait_us.load(Relaxed));
        timeout(longest, self.places.take()).await.ok()
    }

    /// Takes a sample, and the share of the time since the one before in which there was nothing to do.
    fn take(&self, sample: Sample, idle: f64, course: &mut Course) {
        let longest = Duration::from_micros(self.queue_wait_us.load(Relaxed));
        let target = longest.min(LONGEST_WAIT.max(longest / STEPS));
        let [let_in, no_place, no_time] =
            [&self.let_in, &self.no_place, &self.no_time].map(|counter| counter.swap(0, Relaxed));
        let size = course.window.sample(&Seen {
            wait: sample.wait,
            target: target.max(course.few_come_in()),
            idle,
            since: sample.since,
            under_way: self.places.taken(),
            let_in,
            refused: no_time,
        });
        self.window.store(size.unwrap_or(usize::MAX), Relaxed);
        let most = self.places.most();
        let came = Came {
            let_in,
            no_place,
            no_time,
        };
        course.tell(sample.wait, size.map_or(most, |size| size.min(most)), &came);
    }
}

/// Sets how many requests `gate` lets be under way by how long work waits for the processor, until `drain` has ended.
pub(crate) async fn keep_up<G>(gate: G, drain: &Drain)
where
    G: AsRef<Admission> + Send + 'static,
{
    let (mut course, mut workers) = (Course::new(), Workers::new(Handle::current().metrics()));
    let probe = Probe::start(move |sample| {
        let idle = workers.idle(sample.since);
        gate.as_ref().take(sample, idle, &mut course);
    });
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
    window: Window,
    last_told: Instant,
    refused: u64,
}

/// What became of the requests that came since the last sample.
struct Came {
    let_in: u64,
    no_place: u64,
    no_time: u64,
}

impl Course {
    fn new() -> Self {
        Self {
            window: Window::new(FEW),
            last_told: Instant::now(),
            refused: 0,
        }
    }

    /// How long it takes until [`FEW_WAIT`] requests have been let in.
    fn few_come_in(&self) -> Duration {
        Duration::try_from_secs_f64(FEW_WAIT / self.window.per_second().max(0.01)).unwrap_or(Duration::MAX)
    }

    /// Counts what was refused, and says now and then how it goes: a line for each that is refused would cost more than
    /// the refusal.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    fn tell(&mut self, wait: Duration, window: usize, came: &Came) {
        for (reason, refused) in [("places", came.no_place), ("processor", came.no_time)] {
            if refused > 0 {
                counter!("composer_requests_refused_total", "reason" => reason).increment(refused);
            }
        }
        let refused = came.no_place + came.no_time;
        let share = refused as f64 / (came.let_in + refused).max(1) as f64;
        gauge!("composer_processor_wait_seconds").set(wait.as_secs_f64());
        gauge!("composer_refused_share").set(share);
        gauge!("composer_requests_window").set(window as f64);
        self.refused += refused;
        if self.refused == 0 || self.last_told.elapsed() < LOG_EVERY {
            return;
        }
        self.last_told = Instant::now();
        let wait_ms = wait.as_secs_f64() * 1e3;
        warn!(
            refused = self.refused,
            wait_ms, share, window, "overload, requests are refused"
        );
        self.refused = 0;
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
        assert_eq!(queued.unwrap_err(), Refused);
        assert_eq!(began.elapsed().as_millis(), 20);
        assert_eq!((beyond.0.unwrap_err(), beyond.1), (Refused, Duration::ZERO));
        assert_eq!(admission.no_place.load(Relaxed), 2);
        let (queued, ()) = tokio::join!(admission.admit(Kind::Work), async { drop(first) });
        assert!(queued.is_ok());
    }

    #[tokio::test]
    async fn who_is_too_many_is_refused_and_files_last() {
        let admission = admission(1_000, 0);
        admission.window.store(3, Relaxed);
        let mut under_way = vec![];
        while let Ok(place) = admission.admit(Kind::Work).await {
            under_way.push(place);
        }
        assert_eq!(under_way.len(), 3);
        while let Ok(place) = admission.admit(Kind::File).await {
            under_way.push(place);
        }
        assert_eq!(under_way.len(), 12);
        under_way.truncate(2);
        assert!(admission.admit(Kind::Work).await.is_ok());
        assert_eq!(
            (admission.let_in.load(Relaxed), admission.no_time.load(Relaxed)),
            (13, 2)
        );
    }

    #[tokio::test]
    async fn few_requests_are_no_overload_however_long_they_wait() {
        let is_overload = |let_in: u64, under_way: usize, wait_ms: u64| {
            let (admission, mut course) = (admission(1_000, 0), Course::new());
            let _under_way: Vec<_> = std::iter::repeat_with(|| admission.places.try_take())
                .take(under_way)
                .collect();
            for _ in 0..100 {
                admission.let_in.store(let_in, Relaxed);
                let (wait, since) = (Duration::from_millis(wait_ms), Duration::from_millis(20));
                admission.take(Sample { wait, since }, 0.0, &mut course);
            }
            admission.window.load(Relaxed) < usize::MAX
        };
        assert!(!is_overload(1, 100, 100), "50 a second, of which 5 wait");
        assert!(is_overload(3, 100, 100), "150 a second, of which 15 wait");
        assert!(!is_overload(3, FEW, 100));
        assert!(!is_overload(100, 100, 3) && is_overload(100, 100, 5));
    }
}
