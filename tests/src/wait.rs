//! Waiting for something, with a limit and with words for when it doesn't come.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::{Instant, sleep, timeout};

/// How long a local process or page may take before a test gives it up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for `future`, and says `what` didn't come when `limit` is over.
///
/// # Errors
/// When time is up.
pub async fn within<T>(limit: Duration, what: &str, future: impl Future<Output = T>) -> Result<T> {
    timeout(limit, future)
        .await
        .with_context(|| format!("{what}: not within {limit:?}"))
}

/// Asks `condition` again and again, until it says `Some`.
///
/// # Errors
/// When time is up, or when asking fails.
pub async fn until<T>(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = condition().await.with_context(|| what.to_owned())? {
            return Ok(found);
        }
        if Instant::now() >= end {
            bail!("{what}: not within {limit:?}");
        }
        sleep(Duration::from_millis(20)).await;
    }
}
