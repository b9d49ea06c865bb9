//! Ends a fetch after its wall-clock limit over head and body.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{FetchError, events::Pauses};

/// Awaits `work`, at most for `limit` beyond what `pauses` grows by meanwhile.
pub(super) async fn within<T>(
    limit: Duration,
    pauses: &Pauses,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let before = pauses.total();
    let due = Instant::now() + limit;
    let mut sleep = pin!(sleep_until(due));
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = &mut sleep => {
                let due = due + pauses.total().saturating_sub(before);
                if due <= Instant::now() {
                    return Err(FetchError::Deadline { limit });
                }
                sleep.as_mut().reset(due);
            }
        }
    }
}
