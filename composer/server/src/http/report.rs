//! Takes what browsers report of broken fragments.

use std::sync::{Mutex, PoisonError};

use axum::{
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use contract::{AppVersion, Composition, report::Report};
use http::StatusCode;
use metrics::counter;
use tokio::time::Instant;
use tracing::warn;

use crate::{app::App, live::Moment, lock, request::RequestId, respond};

const LONGEST_BYTES: usize = 16 << 10;
const LONGEST_TEXT_CHARS: usize = 500;
const LINES_PER_SECOND: f64 = 20.0;

/// Logs and counts one report.
pub(crate) async fn take_report(State(app): State<App>, request: Request) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let Ok(body) = to_bytes(request.into_body(), LONGEST_BYTES).await else {
        return respond::problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "a report has at most 16 KiB",
            id.as_ref(),
        );
    };
    let Ok(report) = serde_json::from_slice::<Report>(&body) else {
        return respond::problem(StatusCode::BAD_REQUEST, "this is no report", id.as_ref());
    };
    let known = find(&app.moment(), &report);
    let label = known.as_ref().map_or("unknown", |known| known.version.app.as_str());
    counter!("composer_browser_reports_total", "app" => label.to_owned(), "phase" => report.phase.as_str())
        .increment(1);
    if let Some(known) = known {
        if report.phase.is_failure() {
            app.canaries.reported(&known.version, &report.request_id);
        }
        let made_of = lock::read(&app.keys.compositions, &report.composition);
        log(&report, &known, made_of.as_ref());
    }
    StatusCode::NO_CONTENT.into_response()
}

/// A published version, and whom its team says to ask.
struct Known {
    version: AppVersion,
    owner: String,
}

/// The version that is reported, if it is published.
fn find(moment: &Moment, report: &Report) -> Option<Known> {
    let version = AppVersion {
        app: report.app.parse().ok()?,
        version: report.version.parse().ok()?,
    };
    moment.state().version(&version)?;
    let manifest = moment.stable.site().manifest(&version.app);
    let owner = manifest.map(|manifest| manifest.app.owner.clone()).unwrap_or_default();
    Some(Known { version, owner })
}

fn log(report: &Report, known: &Known, made_of: Option<&Composition>) {
    if !LINES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take(Instant::now())
    {
        counter!("composer_browser_reports_unlogged_total").increment(1);
        return;
    }
    warn!(
        app = known.version.app.as_str(),
        version = known.version.version.as_str(),
        owner = known.owner,
        fragment = plain(&report.fragment),
        phase = report.phase.as_str(),
        message = plain(&report.message),
        stack = plain(&report.stack),
        page = plain(&report.page),
        page.request.id = plain(&report.request_id),
        page.composition = made_of.map(tracing::field::display),
        "fragment broke in a browser"
    );
}

/// The beginning of what a stranger says, control characters escaped.
fn plain(text: &str) -> String {
    let escape = |c: char| {
        if c.is_control() {
            c.escape_default().collect()
        } else {
            c.to_string()
        }
    };
    text.chars().take(LONGEST_TEXT_CHARS).map(escape).collect()
}

/// How many reports may be logged: strangers send them, and must not fill a disk.
static LINES: Mutex<Bucket> = Mutex::new(Bucket {
    left: LINES_PER_SECOND,
    filled: None,
});

#[derive(Debug)]
struct Bucket {
    left: f64,
    filled: Option<Instant>,
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let since = self
            .filled
            .replace(now)
            .map_or(0.0, |filled| (now - filled).as_secs_f64());
        self.left = (self.left + since * LINES_PER_SECOND).min(LINES_PER_SECOND);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_of_reports_is_logged_at_its_rate() {
        let mut bucket = Bucket {
            left: LINES_PER_SECOND,
            filled: None,
        };
        let start = Instant::now();
        let at_once = (0..100).filter(|_| bucket.take(start)).count();
        assert_eq!(at_once, 20);
        let later = start + Duration::from_millis(501);
        assert_eq!((0..100).filter(|_| bucket.take(later)).count(), 10);
    }

    #[test]
    fn what_strangers_say_stays_on_one_line() {
        assert_eq!(plain("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(plain(&"ä".repeat(600)).chars().count(), 500);
    }
}
