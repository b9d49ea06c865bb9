//! How the policies of versions are told: to the admin API, and as gauges.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use composer_fetch::BreakerState;
use contract::{AppName, AppVersion, admin};

use crate::{app::Shared, clock::now_ms};

impl Shared {
    /// The policies of a version; `None` while it is not reached.
    pub(crate) fn policy_of(&self, version: &AppVersion) -> Option<admin::PolicyView> {
        self.fleet.policy(version).map(view)
    }

    /// The gauges of all versions that were ever asked, and of their apps, as Prometheus reads them.
    pub(crate) fn policy_gauges(&self) -> String {
        text(&self.fleet.policies())
    }
}

fn view(policy: composer_fetch::PolicyView) -> admin::PolicyView {
    let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let (breaker, now) = (policy.breaker, now_ms());
    admin::PolicyView {
        breaker: admin::BreakerView {
            state: match breaker.state {
                BreakerState::Closed => admin::BreakerState::Closed,
                BreakerState::Open => admin::BreakerState::Open,
                BreakerState::HalfOpen => admin::BreakerState::HalfOpen,
            },
            open_since_ms: breaker.open_for.map(|time| now.saturating_sub(millis(time))),
            next_try_at_ms: breaker.next_try.map(|time| now.saturating_add(millis(time))),
            failed: breaker.failed,
            of: breaker.of,
            last_error: breaker.last_error,
        },
        in_flight: small(policy.in_flight),
        in_flight_limit: small(policy.in_flight_limit),
        waiting: small(policy.waiting),
        retries_left: u32::try_from(policy.retries_left).unwrap_or(u32::MAX),
    }
}

fn text(policies: &[(AppVersion, composer_fetch::PolicyView)]) -> String {
    let mut text = String::new();
    let states = policies.iter().map(|(version, policy)| {
        let labels = format!("app=\"{}\",version=\"{}\"", version.app, version.version);
        let state = match policy.breaker.state {
            BreakerState::Closed => 0,
            BreakerState::Open => 1,
            BreakerState::HalfOpen => 2,
        };
        (labels, state)
    });
    let help = "Whether a version is left alone: 0 no, 1 yes, 2 one fetch tries it.";
    gauge(&mut text, "composer_fetch_breaker_state", help, states);
    // What versions of an app share is told once.
    let apps: BTreeMap<&AppName, &composer_fetch::PolicyView> = policies
        .iter()
        .map(|(version, policy)| (&version.app, policy))
        .collect();
    let of_apps = |value: fn(&composer_fetch::PolicyView) -> u64| {
        let labelled = apps
            .iter()
            .map(move |(app, policy)| (format!("app=\"{app}\""), value(policy)));
        labelled.collect::<Vec<_>>().into_iter()
    };
    let help = "Second attempts that an app could have now.";
    gauge(
        &mut text,
        "composer_fetch_retry_budget",
        help,
        of_apps(|policy| policy.retries_left),
    );
    let help = "Fragments being fetched from an app.";
    let in_flight = of_apps(|policy| policy.in_flight as u64);
    gauge(&mut text, "composer_fetch_bulkhead_in_flight", help, in_flight);
    let help = "Fetches that wait until another one of their app ends.";
    let waiting = of_apps(|policy| policy.waiting as u64);
    gauge(&mut text, "composer_fetch_bulkhead_waiting", help, waiting);
    text
}

fn gauge(text: &mut String, name: &str, help: &str, samples: impl Iterator<Item = (String, u64)>) {
    let mut samples = samples.peekable();
    if samples.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{{{labels}}} {value}");
    }
}

#[cfg(test)]
mod tests {
    use composer_fetch::{BreakerView, PolicyView};

    use super::*;

    fn policy(state: BreakerState) -> PolicyView {
        PolicyView {
            breaker: BreakerView {
                state,
                open_for: Some(Duration::from_secs(3)),
                next_try: None,
                failed: 17,
                of: 20,
                last_error: None,
                is_used: true,
            },
            in_flight: 3,
            in_flight_limit: 512,
            waiting: 0,
            retries_left: 12,
        }
    }

    #[test]
    fn versions_have_breakers_and_apps_the_rest() {
        let version = |text: &str| text.parse::<AppVersion>().unwrap();
        let told = text(&[
            (version("checkout@1.0.0"), policy(BreakerState::Closed)),
            (version("checkout@1.1.0"), policy(BreakerState::Open)),
        ]);
        let lines: Vec<&str> = told.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "composer_fetch_breaker_state{app=\"checkout\",version=\"1.0.0\"} 0",
                "composer_fetch_breaker_state{app=\"checkout\",version=\"1.1.0\"} 1",
                "composer_fetch_retry_budget{app=\"checkout\"} 12",
                "composer_fetch_bulkhead_in_flight{app=\"checkout\"} 3",
                "composer_fetch_bulkhead_waiting{app=\"checkout\"} 0",
            ]
        );
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn the_admin_api_tells_moments() {
        let told = view(policy(BreakerState::Open)).breaker;
        let open = now_ms() - told.open_since_ms.unwrap();
        assert!((3_000..4_000).contains(&open), "{open}");
        assert_eq!((told.next_try_at_ms, told.failed, told.of), (None, 17, 20));
    }
}
