//! Serves the log to composers, as `contract::feed` says.

use std::{convert::Infallible, fmt::Write, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use contract::feed::{AUDIENCE, Audiences, OPENING, Place, TIME};
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, timeout},
};
use tracing::warn;

use super::{EventLog, log::Logged};
use crate::Problem;

/// More composers at once are refused.
const MOST_READERS: usize = 64;
/// So many events are read at once.
const BATCH: u32 = 128;
/// Another process may have written to the database: that is seen after so long.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What is sent when nothing else was for so long: composers leave a feed that is silent.
const BEAT: &str = ":\n\n";
const BEAT_AFTER: Duration = Duration::from_secs(10);

/// What all readers of the feed share.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    log: EventLog,
    readers: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

/// From where on a composer reads that hasn't read before.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    recent: u32,
}

impl Feed {
    /// The feed of `log`; it ends when `stopping` says so.
    pub(crate) fn new(log: EventLog, stopping: watch::Receiver<bool>) -> Self {
        Self {
            log,
            readers: Arc::new(Semaphore::new(MOST_READERS)),
            stopping,
        }
    }

    /// Streams what is behind the place that the composer was at, and then what comes.
    pub(crate) async fn get(self, headers: HeaderMap, asked: Asked) -> Result<Response, Problem> {
        let Ok(place) = Arc::clone(&self.readers).try_acquire_owned() else {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE));
        };
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let last: Option<Place> = last.and_then(|id| id.parse().ok());
        let opening = self.log.begin(last, asked.recent).await?;
        let reading = Reading {
            commits: self.log.database().commits(),
            stopping: self.stopping,
            log: self.log,
            after: opening.after,
            told: Instant::now(),
            _place: place,
        };
        // Plain structs are JSON.
        let opening = serde_json::to_string(&opening).unwrap_or_default();
        let first = format!("event: {OPENING}\ndata: {opening}\n\n");
        let first = stream::iter([Ok::<_, Infallible>(first)]);
        let rest = stream::unfold(reading, |reading| async {
            let (text, reading) = reading.next().await?;
            Some((Ok::<_, Infallible>(text), reading))
        });
        let kind = [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        Ok((kind, Body::from_stream(futures_util::StreamExt::chain(first, rest))).into_response())
    }
}

/// What the app says of a visitor, for the composer.
pub(crate) fn audiences(audiences: Vec<String>) -> Response {
    Json(Audiences { audiences }).into_response()
}

/// One composer that reads.
struct Reading {
    log: EventLog,
    after: u64,
    commits: watch::Receiver<()>,
    stopping: watch::Receiver<bool>,
    /// When something was sent last.
    told: Instant,
    _place: OwnedSemaphorePermit,
}

impl Reading {
    /// What is told next; `None` ends the feed, and the composer comes again.
    async fn next(mut self) -> Option<(String, Self)> {
        loop {
            self.commits.mark_unchanged();
            let found = self.log.behind(self.after, BATCH).await;
            let found = found.map_err(|error| warn!(%error, "the feed of events ends")).ok()?;
            if let Some(last) = found.last() {
                (self.after, self.told) = (last.number, Instant::now());
                return Some((self.text(&found), self));
            }
            // However much is written that is no event.
            if self.told.elapsed() >= BEAT_AFTER {
                self.told = Instant::now();
                return Some((BEAT.into(), self));
            }
            tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                _ = timeout(LOOK_EVERY, self.commits.changed()) => {}
            }
        }
    }

    fn text(&self, events: &[Logged]) -> String {
        let mut text = String::new();
        for event in events {
            let (name, number, topic) = (self.log.name(), event.number, &event.topic);
            let _ = write!(text, "id: {name}-{number}\nevent: {topic}\n{TIME}: {}\n", event.at_ms);
            for audience in event.audiences.split_ascii_whitespace() {
                let _ = writeln!(text, "{AUDIENCE}: {audience}");
            }
            // JSON by serde has no line breaks.
            let _ = write!(text, "data: {}\n\n", event.value);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Database;

    #[tokio::test]
    async fn a_beat_comes_however_much_is_written_that_is_no_event() {
        let dir = tempfile::tempdir().unwrap();
        let schema = "CREATE TABLE IF NOT EXISTS carts (id INTEGER)";
        let database = Database::open_in(dir.path(), "shop", schema, "").unwrap();
        let log = EventLog::open(&database).await.unwrap();
        let (_going, stopping) = watch::channel(false);
        let reading = Reading {
            commits: log.database().commits(),
            stopping,
            log,
            after: 0,
            told: Instant::now().checked_sub(BEAT_AFTER - 2 * LOOK_EVERY / 3).unwrap(),
            _place: Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap(),
        };
        let busy = tokio::spawn(async move {
            loop {
                let filled = database.write(|db| db.execute("INSERT INTO carts VALUES (1)", []));
                filled.await.unwrap();
            }
        });
        let told = timeout(10 * LOOK_EVERY, reading.next()).await.expect("a beat is due");
        assert_eq!(told.unwrap().0, BEAT);
        busy.abort();
    }
}
