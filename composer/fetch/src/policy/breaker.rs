//! Leaves a version alone that mostly fails: its fetches fail at once, but for one now and then that tries it.

use std::time::Duration;

use metrics::counter;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::{
    FetchError, FragmentRequest, Upstream,
    allowance::{Change, Pass},
    text::chain,
};

/// An answer that takes a greater share of its deadline than this, in percent, is slow, and counts as a failure.
const SLOW_PERCENT: u32 = 90;

/// Asks whether `request` may be sent.
pub(super) fn enter(request: &FragmentRequest, now: Instant) -> Result<Pass, FetchError> {
    let entered = request.upstream.allowance().breaker.enter(now);
    entered.map_err(|retry_in| FetchError::Open { retry_in })
}

/// Notes what came of a fetch: when, and after how long.
pub(super) fn settle(
    request: &FragmentRequest,
    pass: Pass,
    result: Result<(), &FetchError>,
    (now, took): (Instant, Duration),
) {
    let breaker = &request.upstream.allowance().breaker;
    let change = match judge(result, took, request.deadline) {
        Said::Nothing => {
            breaker.give_back(pass, now);
            return;
        }
        Said::Good => breaker.settle(pass, now, Ok::<_, fn() -> String>(())),
        Said::Slow => breaker.settle(pass, now, Err(|| format!("it took {took:?} of {:?}", request.deadline))),
        Said::Failed(error) => breaker.settle(pass, now, Err(|| chain(error))),
    };
    if let Some(change) = change {
        tell(&request.upstream, change);
    }
}

/// What a result says of the version.
enum Said<'e> {
    Nothing,
    Good,
    Slow,
    Failed(&'e FetchError),
}

fn judge(result: Result<(), &FetchError>, took: Duration, deadline: Duration) -> Said<'_> {
    let Err(error) = result else {
        let is_slow = took > deadline * SLOW_PERCENT / 100;
        return if is_slow { Said::Slow } else { Said::Good };
    };
    match error {
        FetchError::Status(status) if status.is_server_error() => Said::Failed(error),
        FetchError::Connect(_) | FetchError::Deadline { .. } | FetchError::Head(_) | FetchError::Cut(_) => {
            Said::Failed(error)
        }
        // It answers, if not with what it should.
        FetchError::Status(_) | FetchError::Refused(_) | FetchError::TooLong { .. } => Said::Good,
        // It was never asked, or nobody waited for its answer.
        FetchError::Target
        | FetchError::NoInstance
        | FetchError::Forbidden(_)
        | FetchError::Busy { .. }
        | FetchError::Full { .. }
        | FetchError::Open { .. }
        | FetchError::Stopped
        | FetchError::Shared(_) => Said::Nothing,
    }
}

fn tell(upstream: &Upstream, change: Change) {
    let app = upstream.app();
    match change {
        Change::Opened { failed, of } => {
            counter!("composer_fetch_breaker_opened_total", "app" => app.app.to_string()).increment(1);
            let error = upstream.policy().breaker.last_error;
            warn!(%app, failed, of, error, "breaker open");
        }
        Change::StaysOpen => {}
        Change::Closed { after } => info!(%app, after_ms = after.as_millis(), "breaker closed"),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn said(result: Result<(), &FetchError>, took_ms: u64) -> &'static str {
        match judge(result, Duration::from_millis(took_ms), Duration::from_millis(1000)) {
            Said::Nothing => "nothing",
            Said::Good => "good",
            Said::Slow => "slow",
            Said::Failed(_) => "failed",
        }
    }

    #[test]
    fn what_a_version_answers_in_time_is_good_unless_it_says_that_it_is_broken() {
        assert_eq!((said(Ok(()), 900), said(Ok(()), 901)), ("good", "slow"));
        for (status, expected) in [
            (404, "good"),
            (429, "good"),
            (302, "good"),
            (500, "failed"),
            (503, "failed"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(said(Err(&FetchError::Status(status)), 1), expected, "{status}");
        }
        assert_eq!(said(Err(&FetchError::Refused("is odd")), 1), "good");
        let limit = Duration::from_secs(1);
        assert_eq!(said(Err(&FetchError::Deadline { limit }), 1000), "failed");
        for never_asked in [
            FetchError::Stopped,
            FetchError::NoInstance,
            FetchError::Busy { limit: 1 },
        ] {
            assert_eq!(said(Err(&never_asked), 1), "nothing", "{never_asked}");
        }
    }
}
