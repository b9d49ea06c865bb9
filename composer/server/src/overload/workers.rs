//! How much of its time the runtime spends on work.

use std::time::Duration;

use tokio::runtime::RuntimeMetrics;

/// The threads of a runtime, as they were when last looked at.
#[derive(Debug)]
pub(super) struct Workers {
    metrics: RuntimeMetrics,
    seen: Vec<Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// How often it began to rest, and went on: odd while it rests.
    turns: u64,
    busy: Duration,
}

impl Workers {
    pub(super) fn new(metrics: RuntimeMetrics) -> Self {
        let seen = vec![Seen::default(); metrics.num_workers()];
        let mut workers = Self { metrics, seen };
        workers.idle(Duration::ZERO);
        workers
    }

    /// The share of the time `since` this was last asked in which there was nothing to do.
    pub(super) fn idle(&mut self, since: Duration) -> f64 {
        let metrics = &self.metrics;
        let idle = self.seen.iter_mut().enumerate().map(|(at, seen)| {
            let now = Seen {
                turns: metrics.worker_park_unpark_count(at),
                busy: metrics.worker_total_busy_duration(at),
            };
            let before = std::mem::replace(seen, now);
            // A thread says how long it worked only now and then, but always before it rests.
            match (now.turns == before.turns, now.turns % 2) {
                (true, 0) => Duration::ZERO,
                (true, _) => since,
                (false, _) => since.saturating_sub(now.busy.saturating_sub(before.busy)),
            }
        });
        let idle = idle.sum::<Duration>().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count of threads")]
        let whole = since.as_secs_f64() * self.seen.len() as f64;
        if whole > 0.0 { idle / whole } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::runtime::Handle;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_thread_is_idle_unless_it_works() {
        // Other programs have their turns too: it need only be seen once.
        for _ in 0..50 {
            let (resting, working) = shares().await;
            if resting > 0.5 && working < 0.4 {
                return;
            }
        }
        panic!("a thread that works was never told from one that rests");
    }

    /// The idle shares of a tenth of a second without work, and of one with it.
    async fn shares() -> (f64, f64) {
        let mut workers = Workers::new(Handle::current().metrics());
        tokio::time::sleep(Duration::from_millis(100)).await;
        let resting = workers.idle(Duration::from_millis(100));
        let began = Instant::now();
        let working = tokio::spawn(async move {
            while began.elapsed() < Duration::from_millis(100) {
                let step = Instant::now();
                while step.elapsed() < Duration::from_millis(2) {
                    std::hint::spin_loop();
                }
                tokio::task::yield_now().await;
            }
        });
        working.await.unwrap();
        (resting, workers.idle(began.elapsed()))
    }
}
