//! Encoders that have been used, for the next page: setting one up costs more than compressing a small page.

use std::sync::Mutex;

/// So many wait for their next use; what is given back beyond is dropped.
const KEPT: usize = 32;

/// A few used things.
#[derive(Debug)]
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().ok()?.pop()
    }

    pub(crate) fn give_back(&self, used: T) {
        if let Ok(mut kept) = self.0.lock()
            && kept.len() < KEPT
        {
            kept.push(used);
        }
    }
}
