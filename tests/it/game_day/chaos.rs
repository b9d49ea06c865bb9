//! Those who break things: BFFs, and operators in a hurry.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use fastrand::Rng;
use http::Method;
use serde_json::json;
use tests::fault::{Answer, Arena, Fault, FaultServer, Role, arena::FAULTY, menu};
use tokio::time::{Instant, sleep, timeout};

use super::record::Record;

/// Fragments in each role.
pub(super) const KEYS: usize = 24;
/// All roles.
pub(super) const ROLES: [Role; 4] = [Role::Primary, Role::Essential, Role::Optional, Role::Nested];

const CONTROLS: [&str; 5] = [
    "",
    "s-maxage=1",
    "s-maxage=60",
    "max-age=0, stale-if-error=60",
    "s-maxage=1, stale-while-revalidate=5",
];

/// Where a player sits: what is played on, what is noted, its own dice, the end.
pub(super) type Seat = (Arc<Arena>, Arc<Record>, Rng, Instant);

/// A reply that is in order; its two ends tell a whole one from half of one.
pub(super) fn good(key: &str, rng: &mut Rng) -> Answer {
    let line = format!("<p>{key} goes on and on</p>").repeat(rng.usize(1..60));
    let body = format!("<p class=\"first\">{key} first</p>{line}<p class=\"last\">{key} last</p>");
    let tag = format!("cache-tag: t{}\r\n", rng.usize(..4));
    Answer::html(body)
        .lines(&tag)
        .cached(CONTROLS[rng.usize(..CONTROLS.len())])
}

/// Changes what fragments do, again and again.
pub(super) async fn faults((arena, record, mut rng, end): Seat) -> Result<()> {
    let faults: Vec<Fault> = [menu::all(), menu::connections()].concat();
    while Instant::now() < end {
        let bff = &arena.faulty[rng.usize(..2)];
        let (role, key) = (ROLES[rng.usize(..3)], format!("k{}", rng.usize(..KEYS)));
        let answer = good(&key, &mut rng);
        if rng.u8(..10) < 4 {
            bff.answers(&role.target(&key), &answer);
            record.note(format!("{} is good", role.target(&key)));
        } else {
            let fault = faults[rng.usize(..faults.len())];
            bff.does(&role.target(&key), fault.script(&answer));
            record.note(format!("{} {}", role.target(&key), fault.name));
            record.count("faults");
        }
        sleep(Duration::from_millis(rng.u64(5..60))).await;
    }
    Ok(())
}

/// BFFs that die and come back, flapping or for longer.
pub(super) async fn outages((arena, record, mut rng, end): Seat) -> Result<()> {
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.u64(200..2_000))).await;
        let (name, bff): (_, &FaultServer) = match rng.u8(..7) {
            0 => ("host", &arena.host),
            nth => (FAULTY[usize::from(nth % 2)], &arena.faulty[usize::from(nth % 2)]),
        };
        for _ in 0..rng.u8(1..4) {
            record.note(format!("{name} dies"));
            record.count("kills");
            bff.away().await;
            sleep(Duration::from_millis(rng.u64(20..500))).await;
            bff.back().await?;
            record.note(format!("{name} is back"));
            sleep(Duration::from_millis(rng.u64(20..200))).await;
        }
    }
    Ok(())
}

/// Releases, rollbacks to the version before, and purges.
pub(super) async fn operators((arena, record, mut rng, end): Seat) -> Result<()> {
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.u64(100..1_500))).await;
        let call = if rng.bool() {
            let version = FAULTY[rng.usize(..2)];
            record.note(format!("{version} is released"));
            ("releases", "/v1/releases", json!({ "apps": [version] }))
        } else {
            let body = match rng.u8(..3) {
                0 => json!({ "app": "host" }),
                1 => json!({ "app": "faulty", "version": "1.0.0" }),
                _ => json!({ "app": "faulty", "tags": [format!("t{}", rng.usize(..4))] }),
            };
            record.note(format!("purge of {body}"));
            ("purges", "/v1/purge", body)
        };
        let (what, path, body) = call;
        // What is live already can't be released again; the admin API may be refused while it is overloaded.
        let done = timeout(
            Duration::from_secs(20),
            arena.admin.call(Method::POST, path, Some(&body)),
        )
        .await?;
        if let Ok((status, _)) = done {
            record.count(&format!("{what} ({})", status.as_u16()));
        }
    }
    Ok(())
}
