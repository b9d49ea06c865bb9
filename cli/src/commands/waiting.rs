//! Waits between two looks at something, within a limit.

use std::time::{Duration, Instant};

/// Looks again and again, `every` so often and at most for `limit`, until there is something to see.
pub(super) fn until<T, E>(
    limit: Duration,
    every: Duration,
    mut look: impl FnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let end = Instant::now() + limit;
    loop {
        match look()? {
            Some(seen) => return Ok(Some(seen)),
            None if Instant::now() >= end => return Ok(None),
            None => pause(every),
        }
    }
}

/// Lets time pass.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells this process of what happens in another one: it looks, and pauses between"
)]
pub(super) fn pause(length: Duration) {
    std::thread::sleep(length);
}
