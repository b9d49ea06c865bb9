//! Places that are taken and given back, as many as the configuration says at the moment.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// A count of places that can change while places are taken.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    size: Mutex<Size>,
}

#[derive(Debug)]
struct Size {
    most: usize,
    /// Places that are to go as soon as they are given back.
    owed: usize,
}

impl Places {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most)),
            size: Mutex::new(Size { most, owed: 0 }),
        }
    }

    /// A place, if one is free.
    pub(crate) fn try_take(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            match Arc::clone(&self.free).try_acquire_owned() {
                Ok(place) => {
                    if let Some(place) = self.settle(place) {
                        return Some(place);
                    }
                }
                Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return None,
            }
        }
    }

    /// Waits for a place, behind those who wait already.
    pub(crate) async fn take(&self) -> OwnedSemaphorePermit {
        loop {
            let place = Arc::clone(&self.free).acquire_owned().await;
            let place = place.expect("nobody closes it");
            if let Some(place) = self.settle(place) {
                return place;
            }
        }
    }

    /// How many there are.
    pub(crate) fn most(&self) -> usize {
        self.size.lock().unwrap_or_else(PoisonError::into_inner).most
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        let size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        (size.most + size.owed).saturating_sub(self.free.available_permits())
    }

    /// Tells whether none is free.
    pub(crate) fn are_taken(&self) -> bool {
        self.free.available_permits() == 0
    }

    /// Changes how many places there are. Those that are taken stay taken, and some go only when they are given back.
    pub(crate) fn resize(&self, most: usize) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut size.most, most);
        if most >= before {
            let more = most - before;
            let settled = more.min(size.owed);
            size.owed -= settled;
            self.free.add_permits(more - settled);
        } else {
            let fewer = before - most;
            size.owed += fewer - self.free.forget_permits(fewer);
        }
    }

    /// Lets a place go that there isn't any more.
    fn settle(&self, place: OwnedSemaphorePermit) -> Option<OwnedSemaphorePermit> {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        if size.owed == 0 {
            return Some(place);
        }
        size.owed -= 1;
        place.forget();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_places_as_were_asked_for_last() {
        let places = Places::new(3);
        let mut taken: Vec<_> = std::iter::from_fn(|| places.try_take()).collect();
        assert_eq!(taken.len(), 3);
        places.resize(1);
        taken.pop();
        taken.pop();
        assert!(places.try_take().is_none(), "two places have gone");
        taken.pop();
        assert!(places.try_take().is_some());
        places.resize(4);
        assert_eq!(
            std::iter::from_fn(|| places.try_take()).map(std::mem::forget).count(),
            4
        );
        places.resize(2);
        places.resize(5);
        assert_eq!(
            std::iter::from_fn(|| places.try_take()).map(std::mem::forget).count(),
            1
        );
    }
}
