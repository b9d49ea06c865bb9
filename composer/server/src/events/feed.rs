//! Reads the feed of one app for as long as it is live: from one of its instances, again and again, always from where it was.

use std::{pin::pin, sync::Arc, time::Duration};

use composer_fetch::{Exchange, ExchangeError, FetchError, Upstream};
use contract::{
    Topic,
    feed::{OPENING, Opening, Place, RECENT, is_audience, is_log},
    manifest,
};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use metrics::counter;
use serde::de::IgnoredAny;
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

use super::{
    Events,
    ring::{Event, MOST_EVENTS, Ring},
    wire::{Block, Parser, WireError},
};
use crate::clock::now_ms;

/// Time for the head of the reply, and for the feed's first event.
const OPENING_LIMIT: Duration = Duration::from_secs(5);
/// The kit sends a beat every 10 s.
const SILENCE_LIMIT: Duration = Duration::from_secs(35);
/// A feed isn't read faster than this over some time; what comes faster waits on its side.
const BYTES_PER_SECOND: f64 = 256.0 * 1024.0;
/// So much is read at once, however fast it comes.
const BURST_BYTES: f64 = 4.0 * 1024.0 * 1024.0;
/// The least that an event counts.
const LEAST_BYTES: f64 = 512.0;

/// An app's feed, at one version.
pub(super) struct Feed {
    pub(super) upstream: Arc<Upstream>,
    pub(super) terms: manifest::Events,
}

/// Why a feed isn't read any further.
#[derive(Debug, thiserror::Error)]
pub(super) enum FeedError {
    #[error(transparent)]
    NoTurn(#[from] FetchError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("it didn't begin within {OPENING_LIMIT:?}")]
    Late,
    #[error("it was silent for {SILENCE_LIMIT:?}")]
    Silent,
    #[error("it broke off")]
    Broken(#[source] hyper::Error),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("it is no `text/event-stream`")]
    Type,
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("its first event is no `{OPENING}` with `log` and `after`")]
    Opening,
    #[error("an event has `{0}` for an id, which is no place in its log behind those before")]
    Place(String),
}

impl FeedError {
    /// True where the app says what can't be: asking again soon would be of no use.
    pub(super) fn is_lie(&self) -> bool {
        matches!(
            self,
            Self::Status(_) | Self::Type | Self::Wire(_) | Self::Opening | Self::Place(_)
        )
    }
}

impl Feed {
    /// Reads until it ends; `opened` is called when it has begun.
    ///
    /// # Errors
    /// Why it is read no further.
    pub(super) async fn read(&self, events: &Events, mut opened: impl FnMut()) -> Result<(), FeedError> {
        let mut exchange = Exchange::begin(&self.upstream)?;
        let begun = timeout(OPENING_LIMIT, exchange.send(self.request(events))).await;
        let Ok(begun) = begun else {
            exchange.late(&FeedError::Late);
            return Err(FeedError::Late);
        };
        let response = begun?;
        if response.status() != StatusCode::OK {
            return Err(FeedError::Status(response.status()));
        }
        let kind = response.headers().get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return Err(FeedError::Type);
        }
        let mut reading = Reading {
            feed: self,
            events,
            log: None,
        };
        let (mut parser, mut pace) = (Parser::default(), Pace::new());
        let mut body = pin!(response.into_body());
        loop {
            let limit = if reading.log.is_some() {
                SILENCE_LIMIT
            } else {
                OPENING_LIMIT
            };
            let frame = timeout(limit, body.frame()).await;
            let frame = frame.map_err(|_| reading.silent())?;
            let Some(frame) = frame else { return Ok(()) };
            let Ok(bytes) = frame.map_err(FeedError::Broken)?.into_data() else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "a count of bytes")]
            let mut cost = bytes.len() as f64;
            let had = reading.log.is_some();
            let mut result = Ok(());
            parser.push(&bytes, |block| {
                cost += LEAST_BYTES;
                result = reading.take(block);
                result.is_ok()
            })?;
            result?;
            if !had && reading.log.is_some() {
                opened();
            }
            pace.spend(cost).await;
        }
    }

    fn request(&self, events: &Events) -> Request<Empty<bytes::Bytes>> {
        let path = self.terms.feed.as_deref().unwrap_or("/");
        let mut request = Request::new(Empty::new());
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let head = events.head(&self.upstream.app().app);
        if let Some(head) = head.and_then(|head| HeaderValue::try_from(head.to_string()).ok()) {
            headers.insert("last-event-id", head);
        }
        // The manifest's rule for paths leaves nothing that could be wrong here.
        *request.uri_mut() = format!("{path}?{RECENT}={MOST_EVENTS}").parse().unwrap_or_default();
        request
    }
}

/// A feed that is being read.
struct Reading<'f> {
    feed: &'f Feed,
    events: &'f Events,
    /// The log that it is about, once it has said so.
    log: Option<String>,
}

impl Reading<'_> {
    fn silent(&self) -> FeedError {
        if self.log.is_some() {
            FeedError::Silent
        } else {
            FeedError::Late
        }
    }

    fn take(&mut self, block: Block) -> Result<(), FeedError> {
        let Some(log) = &self.log else {
            self.log = Some(self.open(&block)?);
            return Ok(());
        };
        let place: Option<Place> = block.id.parse().ok();
        let place = place.filter(|place| place.log == *log);
        let place = place.ok_or_else(|| FeedError::Place(brief(&block.id)))?;
        let Some(event) = self.event(place.number, block) else {
            return Ok(());
        };
        let app = &self.feed.upstream.app().app;
        let topic = event.topic.clone();
        let pushed = self.events.push(app, event);
        pushed.map_err(|_| FeedError::Place(place.to_string()))?;
        counter!("composer_events_total", "topic" => topic.as_str().to_owned()).increment(1);
        Ok(())
    }

    /// Goes on where it was, if the feed does; else begins anew, and the tabs learn that they have missed something.
    fn open(&self, block: &Block) -> Result<String, FeedError> {
        let opening: Option<Opening> = serde_json::from_str(&block.data).ok();
        let opening = opening.filter(|opening| block.event == OPENING && is_log(&opening.log));
        let opening = opening.ok_or(FeedError::Opening)?;
        let app = &self.feed.upstream.app().app;
        let place = Place {
            log: opening.log.clone(),
            number: opening.after,
        };
        if self.events.head(app) != Some(place) {
            self.events.open(app, Ring::new(&opening, now_ms()));
        }
        debug!(
            app = app.as_str(),
            log = opening.log,
            after = opening.after,
            "feed opened"
        );
        Ok(opening.log)
    }

    /// What tabs hear of it, if anything: an app speaks of its own topics only, and of those that its manifest gives to its BFF.
    fn event(&self, number: u64, block: Block) -> Option<Event> {
        let topic: Option<Topic> = block.event.parse().ok();
        let terms = topic.map(|topic| (self.feed.terms.terms(&topic), topic));
        let known = terms.filter(|(terms, _)| terms.server);
        let Some((terms, topic)) = known else {
            self.leave_out(&block, "its topic isn't one of the manifest's with `server = true`");
            return None;
        };
        if block.data.len() > contract::feed::LONGEST_VALUE_BYTES {
            self.leave_out(&block, "its value is too long");
            return None;
        }
        if serde_json::from_str::<IgnoredAny>(&block.data).is_err() {
            self.leave_out(&block, "its value is no JSON");
            return None;
        }
        let is_restricted = terms.restricted || !block.audiences.is_empty();
        let audiences = block.audiences.into_iter().filter(|name| is_audience(name)).collect();
        let now = now_ms();
        Some(Event {
            number,
            at_ms: block.time.unwrap_or(now).min(now),
            topic,
            audiences: is_restricted.then_some(audiences),
            // Between the parts of a JSON text a line break is a space.
            value: block.data.replace(['\n', '\r'], " ").into(),
        })
    }

    fn leave_out(&self, block: &Block, why: &str) {
        let app = self.feed.upstream.app();
        counter!("composer_events_left_out_total", "app" => app.app.as_str().to_owned()).increment(1);
        warn!(app.version = %app, id = brief(&block.id), topic = brief(&block.event), why, "an event of a feed is left out");
    }
}

/// The beginning of what a stranger says.
fn brief(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_default).collect()
}

/// How much may be read now.
struct Pace {
    left: f64,
    filled: Instant,
}

impl Pace {
    fn new() -> Self {
        Self {
            left: BURST_BYTES,
            filled: Instant::now(),
        }
    }

    /// Spends `bytes`, and waits until there is something left.
    async fn spend(&mut self, bytes: f64) {
        let now = Instant::now();
        let since = (now - self.filled).as_secs_f64();
        self.filled = now;
        self.left = (self.left + since * BYTES_PER_SECOND).min(BURST_BYTES) - bytes;
        if self.left < 0.0 {
            sleep(Duration::from_secs_f64(-self.left / BYTES_PER_SECOND)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_read_at_its_pace() {
        let (mut pace, began) = (Pace::new(), Instant::now());
        for _ in 0..64 {
            pace.spend(64.0 * 1024.0).await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        for _ in 0..40 {
            pace.spend(64.0 * 1024.0).await;
        }
        assert_eq!(began.elapsed().as_secs(), 10);
    }
}
