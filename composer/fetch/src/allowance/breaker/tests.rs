//! A breaker at given moments.

use super::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn breaker() -> Breaker {
    Breaker::new(&BreakerConfig {
        open_longest: ms(1_500),
        ..BreakerConfig::default()
    })
}

fn end(breaker: &Breaker, pass: Pass, now: Instant, is_good: bool) -> Option<Change> {
    let result = if is_good { Ok(()) } else { Err(|| "it broke".to_owned()) };
    breaker.settle(pass, now, result)
}

/// Fetches so many times with this result, and tells the last change.
fn fetch(breaker: &Breaker, times: usize, now: Instant, is_good: bool) -> Option<Change> {
    let fetch = |_| end(breaker, breaker.enter(now).unwrap(), now, is_good);
    (0..times).map(fetch).last().flatten()
}

fn opened(now: Instant) -> Breaker {
    let breaker = breaker();
    let opened = Some(Change::Opened { failed: 20, of: 20 });
    assert_eq!(fetch(&breaker, 20, now, false), opened);
    breaker
}

#[test]
fn it_opens_when_most_of_enough_fetches_fail() {
    let (breaker, now) = (breaker(), Instant::now());
    assert_eq!(fetch(&breaker, 19, now, false), None);
    assert_eq!(fetch(&breaker, 19, now, true), None);
    assert_eq!(
        fetch(&breaker, 1, now, false),
        Some(Change::Opened { failed: 20, of: 39 })
    );
    assert_eq!(breaker.enter(now), Err(ms(500)));
    let view = breaker.view(now + ms(200));
    assert_eq!((view.state, view.failed, view.of), (BreakerState::Open, 20, 39));
    assert_eq!((view.open_for, view.next_try), (Some(ms(200)), Some(ms(300))));
    assert_eq!(view.last_error.as_deref(), Some("it broke"));
}

#[test]
fn one_fetch_tries_and_its_success_closes() {
    let now = Instant::now();
    let breaker = opened(now);
    let later = now + ms(500);
    let probe = breaker.enter(later).unwrap();
    assert_eq!(breaker.enter(later), Err(ms(500)), "one at a time");
    assert_eq!(breaker.view(later).state, BreakerState::HalfOpen);
    let closed = Some(Change::Closed { after: ms(510) });
    assert_eq!(end(&breaker, probe, later + ms(10), true), closed);
    assert_eq!(breaker.view(later).state, BreakerState::Closed);
    assert_eq!(fetch(&breaker, 18, later, false), None, "what was before is forgotten");
}

#[test]
fn each_failed_try_doubles_the_time_up_to_a_limit() {
    let mut now = Instant::now();
    let breaker = opened(now);
    for wait in [500, 1_000, 1_500, 1_500, 1_500] {
        assert_eq!(breaker.enter(now), Err(ms(wait)));
        now += ms(wait);
        let probe = breaker.enter(now).unwrap();
        assert_eq!(end(&breaker, probe, now, false), Some(Change::StaysOpen));
    }
    breaker.nudge(now);
    let probe = breaker.enter(now).unwrap();
    assert_eq!(end(&breaker, probe, now, false), Some(Change::StaysOpen));
    assert_eq!(
        breaker.enter(now),
        Err(ms(1_000)),
        "after a sign of life it begins anew"
    );
}

#[test]
fn a_try_that_hangs_keeps_nobody_from_the_next() {
    let now = Instant::now();
    let breaker = opened(now);
    let hanging = breaker.enter(now + ms(500)).unwrap();
    let next = breaker.enter(now + ms(1_000)).unwrap();
    assert_eq!(
        end(&breaker, hanging, now + ms(1_100), false),
        None,
        "an older one says nothing"
    );
    assert_eq!(breaker.enter(now + ms(1_200)), Err(ms(300)));
    assert!(matches!(
        end(&breaker, next, now + ms(1_200), true),
        Some(Change::Closed { .. })
    ));
}

#[test]
fn a_try_whose_visitor_leaves_goes_to_the_next() {
    let now = Instant::now();
    let breaker = opened(now);
    let later = now + ms(600);
    let left = breaker.enter(later).unwrap();
    assert!(breaker.enter(later).is_err());
    breaker.give_back(left, later);
    assert!(breaker.enter(later).is_ok());
}

#[test]
fn what_began_before_it_opened_says_nothing_after() {
    let now = Instant::now();
    let breaker = breaker();
    let old: Vec<_> = (0..40).map(|_| breaker.enter(now).unwrap()).collect();
    fetch(&breaker, 20, now, false);
    assert_eq!(end(&breaker, old[0], now, true), None, "only a try closes it");
    let probe = breaker.enter(now + ms(500)).unwrap();
    end(&breaker, probe, now + ms(500), true);
    for late in old {
        assert_eq!(end(&breaker, late, now + ms(900), false), None);
    }
    assert_eq!(breaker.view(now + ms(900)).of, 1);
}

#[test]
fn what_is_long_ago_counts_no_more() {
    let (breaker, now) = (breaker(), Instant::now());
    assert_eq!(fetch(&breaker, 19, now, false), None);
    assert_eq!(fetch(&breaker, 19, now + ms(10_000), false), None);
    assert_eq!(breaker.view(now + ms(10_000)).of, 19);
    assert_eq!(breaker.view(now + ms(20_000)).of, 0);
}

#[test]
fn a_breaker_of_a_hundred_percent_never_opens() {
    let failures_percent = 100;
    let breaker = Breaker::new(&BreakerConfig {
        failures_percent,
        ..BreakerConfig::default()
    });
    assert_eq!(fetch(&breaker, 1_000, Instant::now(), false), None);
}

#[test]
fn two_tries_that_fail_fit_into_two_seconds() {
    let usual = BreakerConfig::default();
    assert!(2 * usual.open_longest < ms(2_000), "{usual:?}");
}
