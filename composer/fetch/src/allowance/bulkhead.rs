//! Bounds what one app may hold: so many fetches at once, and a short queue of those that wait for one of them to end.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{
            AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
};

use tokio::sync::Notify;

use super::Shared;
use crate::FetchError;

/// One more fails at once.
const MOST_WAITING: usize = 64;

/// One for each app.
#[derive(Debug)]
pub(crate) struct Bulkhead {
    limit: usize,
    in_flight: AtomicUsize,
    waiting: AtomicUsize,
    left: Notify,
}

/// One fetch's place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Shared>);

/// A fetch that waits, until it is dropped.
struct Waiting<'b>(&'b Bulkhead);

impl Bulkhead {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            in_flight: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            left: Notify::new(),
        }
    }

    /// Waits for a place. Those who came before go first.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) async fn enter(shared: &Arc<Shared>) -> Result<Place, FetchError> {
        let bulkhead = &shared.bulkhead;
        if bulkhead.waiting.load(SeqCst) == 0
            && let Some(place) = Self::try_enter(shared)
        {
            return Ok(place);
        }
        let _waiting = Waiting::new(bulkhead)?;
        loop {
            let mut left = pin!(bulkhead.left.notified());
            // Two places that are left before either of two is told would else be told to one.
            left.as_mut().enable();
            if let Some(place) = Self::try_enter(shared) {
                return Ok(place);
            }
            left.await;
        }
    }

    /// A place, if there is one.
    pub(crate) fn try_enter(shared: &Arc<Shared>) -> Option<Place> {
        let bulkhead = &shared.bulkhead;
        let one_more = |held: usize| (held < bulkhead.limit).then_some(held + 1);
        bulkhead
            .in_flight
            .fetch_update(SeqCst, Relaxed, one_more)
            .is_ok()
            .then(|| Place(Arc::clone(shared)))
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }
}

impl<'b> Waiting<'b> {
    fn new(bulkhead: &'b Bulkhead) -> Result<Self, FetchError> {
        let waiting = Self(bulkhead);
        if bulkhead.waiting.fetch_add(1, SeqCst) < MOST_WAITING {
            Ok(waiting)
        } else {
            let limit = bulkhead.limit;
            Err(FetchError::Full { limit })
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let bulkhead = &self.0.bulkhead;
        bulkhead.in_flight.fetch_sub(1, SeqCst);
        // Who begins to wait looks for a place after it is counted: either it sees this one, or it is seen here.
        if bulkhead.waiting.load(SeqCst) > 0 {
            bulkhead.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{task::Poll, time::Duration};

    use futures_util::{future::join_all, poll};
    use tokio::time::timeout;

    use super::*;
    use crate::Config;

    fn shared(limit: usize) -> Arc<Shared> {
        let config = Config {
            max_in_flight_per_app: limit,
            ..Config::default()
        };
        Arc::new(Shared::new(&config))
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_is_left() {
        let shared = shared(2);
        let one = Bulkhead::enter(&shared).await.unwrap();
        let _other = Bulkhead::enter(&shared).await.unwrap();
        let mut first = Box::pin(Bulkhead::enter(&shared));
        let mut second = Box::pin(Bulkhead::enter(&shared));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        assert_eq!((shared.bulkhead.in_flight(), shared.bulkhead.waiting()), (2, 2));
        drop(one);
        assert!(poll!(&mut second).is_pending(), "who came first goes first");
        let Poll::Ready(Ok(place)) = poll!(&mut first) else {
            panic!()
        };
        assert_eq!((shared.bulkhead.in_flight(), shared.bulkhead.waiting()), (2, 1));
        drop(place);
        assert!(poll!(&mut second).is_ready());
    }

    #[tokio::test]
    async fn one_that_gives_up_waiting_takes_nothing_with_it() {
        let shared = shared(1);
        let held = Bulkhead::enter(&shared).await.unwrap();
        let mut gone = Box::pin(Bulkhead::enter(&shared));
        let mut stays = Box::pin(Bulkhead::enter(&shared));
        assert!(poll!(&mut gone).is_pending() && poll!(&mut stays).is_pending());
        drop(held);
        drop(gone);
        assert!(poll!(&mut stays).is_ready(), "the place goes on to the next");
        assert_eq!(shared.bulkhead.waiting(), 0);
    }

    #[tokio::test]
    async fn the_queue_is_short() {
        let shared = shared(1);
        let _held = Bulkhead::enter(&shared).await.unwrap();
        let mut queue: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(Bulkhead::enter(&shared))).collect();
        for waiting in &mut queue {
            assert!(poll!(waiting).is_pending());
        }
        let refused = Bulkhead::enter(&shared).await;
        assert!(matches!(refused, Err(FetchError::Full { limit: 1 })), "{refused:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn two_places_that_are_left_at_once_are_for_two() {
        for round in 0..5_000 {
            let shared = shared(2);
            let held = [(); 2].map(|()| Bulkhead::try_enter(&shared).unwrap());
            let both = Arc::new(tokio::sync::Barrier::new(2));
            let visits = [(); 2].map(|()| {
                let (shared, both) = (Arc::clone(&shared), Arc::clone(&both));
                tokio::spawn(async move {
                    let _place = Bulkhead::enter(&shared).await.unwrap();
                    both.wait().await;
                })
            });
            let leaves = held.map(|place| tokio::spawn(async move { drop(place) }));
            join_all(leaves).await;
            let met = timeout(Duration::from_secs(5), join_all(visits)).await;
            assert!(met.is_ok(), "round {round}: one waits beside a free place");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn nobody_is_forgotten() {
        let shared = shared(3);
        let visits = (0..50).map(|_| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                for _ in 0..200 {
                    let place = Bulkhead::enter(&shared).await.unwrap();
                    assert!(shared.bulkhead.in_flight() <= 3);
                    tokio::task::yield_now().await;
                    drop(place);
                }
            })
        });
        let done = timeout(Duration::from_secs(20), join_all(visits)).await.unwrap();
        assert!(done.into_iter().all(|visit| visit.is_ok()));
        assert_eq!((shared.bulkhead.in_flight(), shared.bulkhead.waiting()), (0, 0));
    }
}
