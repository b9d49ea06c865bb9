//! How a version is treated where it fails, in a line.

use contract::admin::{BreakerState, BreakerView, PolicyView};

use crate::moment::clock;

/// What there is to tell of it; empty when all is well.
pub(crate) fn line(policy: Option<&PolicyView>, now_ms: u64) -> String {
    let Some(policy) = policy else { return String::new() };
    let mut parts = vec![];
    if policy.breaker.state != BreakerState::Closed {
        parts.push(breaker(&policy.breaker, now_ms));
    }
    if policy.waiting > 0 {
        let PolicyView { waiting, in_flight, .. } = policy;
        parts.push(format!(
            "{in_flight} fragments of the app are being fetched, its limit, and {waiting} wait"
        ));
    }
    parts.join("; ")
}

fn breaker(breaker: &BreakerView, now_ms: u64) -> String {
    let mut text = String::from("Breaker open");
    if let Some(since_ms) = breaker.open_since_ms {
        text += &format!(" since {}", clock(since_ms));
    }
    text += &format!(", {} of {} failed", breaker.failed, breaker.of);
    if let Some(error) = &breaker.last_error {
        text += &format!(" ({error})");
    }
    let wait_ms = breaker.next_try_at_ms.unwrap_or_default().saturating_sub(now_ms);
    match (breaker.state, wait_ms.div_ceil(1_000)) {
        (BreakerState::HalfOpen, _) => text + "; one fetch tries it now",
        (_, 0) => text + "; the next fetch tries it",
        (_, seconds) => text + &format!("; next try in {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_795_426_865_000;

    fn policy(state: BreakerState, next_try_at_ms: Option<u64>) -> PolicyView {
        PolicyView {
            breaker: BreakerView {
                state,
                open_since_ms: next_try_at_ms.map(|_| NOW_MS - 5_000),
                next_try_at_ms,
                failed: 17,
                of: 20,
                last_error: None,
            },
            in_flight: 3,
            in_flight_limit: 512,
            waiting: 0,
            retries_left: 9,
        }
    }

    fn told(policy: &PolicyView) -> String {
        line(Some(policy), NOW_MS)
    }

    #[test]
    fn what_is_well_needs_no_line() {
        assert_eq!(line(None, NOW_MS), "");
        assert_eq!(told(&policy(BreakerState::Closed, None)), "");
    }

    #[test]
    fn an_open_breaker_says_since_when_and_until_when() {
        let mut open = policy(BreakerState::Open, Some(NOW_MS + 1_200));
        let text = "Breaker open since 09:41:00 UTC, 17 of 20 failed";
        assert_eq!(told(&open), format!("{text}; next try in 2 s"));
        open.breaker.last_error = Some("no connection".into());
        assert_eq!(told(&open), format!("{text} (no connection); next try in 2 s"));
        assert_eq!(
            told(&policy(BreakerState::Open, Some(NOW_MS))),
            format!("{text}; the next fetch tries it")
        );
        assert_eq!(
            told(&policy(BreakerState::HalfOpen, Some(NOW_MS + 900))),
            format!("{text}; one fetch tries it now")
        );
    }

    #[test]
    fn a_full_app_says_who_waits() {
        let mut full = policy(BreakerState::Closed, None);
        (full.in_flight, full.waiting) = (512, 7);
        assert_eq!(
            told(&full),
            "512 fragments of the app are being fetched, its limit, and 7 wait"
        );
    }
}
