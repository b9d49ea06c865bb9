//! Ends a fetch after its wall-clock limit over head and body.

use std::{
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, sleep_until},
};

use crate::{FetchError, events::Pauses};

/// Awaits `work`, at most for `limit` from `started` on, beyond what `pauses` grows by meanwhile. Pinned by whoever calls, as an async function
/// has room for what it is given and for what it pins.
pub(super) async fn within<T>(
    started: Instant,
    limit: Duration,
    pauses: &Pauses,
    mut work: Pin<&mut impl Future<Output = Result<T, FetchError>>>,
) -> Result<T, FetchError> {
    let before = pauses.total();
    let due = started + limit;
    let mut sleep = pin!(sleep_until(due));
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            // Work that always has something to do takes up the task's budget, without which a timer never is over.
            () = unconstrained(&mut sleep) => {
                let due = due + pauses.total().saturating_sub(before);
                if due <= Instant::now() {
                    return Err(FetchError::Deadline { limit });
                }
                sleep.as_mut().reset(due);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{task::consume_budget, time::timeout};

    use super::*;

    #[tokio::test]
    async fn work_that_never_waits_ends_in_time_too() {
        let busy = async {
            loop {
                consume_budget().await;
            }
        };
        let (limit, pauses) = (Duration::from_millis(10), Pauses::default());
        // In a task of its own, beside a limit that has a budget of its own.
        let work = tokio::spawn(async move { within::<()>(Instant::now(), limit, &pauses, pin!(busy)).await });
        let ended = timeout(Duration::from_secs(10), work).await.unwrap().unwrap();
        assert!(matches!(ended, Err(FetchError::Deadline { .. })), "{ended:?}");
    }
}
