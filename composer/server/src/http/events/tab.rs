//! One tab that listens. It holds no events, only places in the apps' logs: a slow tab costs no more than a quick one.

use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};

use bytes::Bytes;
use contract::{AppName, Composition, Topic, feed::Place};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tracing::warn;

use super::{Listening, audience, wanted::Wanted};
use crate::{
    app::App,
    chain::chain,
    events::{
        cursor::Cursor,
        ring::{Event, Ring},
    },
    http::visit::Visitor,
};

/// So often something goes through the stream, so that each side notices when the other has left.
const BEAT: Duration = Duration::from_secs(15);
/// So much is sent in one go.
const BATCH_BYTES: usize = 64 << 10;
/// What an app says of a visitor is believed for so long.
const BELIEVED: Duration = Duration::from_secs(60);
/// An app that didn't answer is asked again after so long.
const ASK_AGAIN: Duration = Duration::from_secs(3);

/// A tab, and where it is.
pub(super) struct Tab {
    app: App,
    wanted: Wanted,
    visitor: Visitor,
    stands: BTreeMap<AppName, Stand>,
    /// What it was told to be live.
    told: Option<Composition>,
    has_begun: bool,
    beat: Instant,
    changes: Changes,
    _place: Listening,
}

/// Where a tab is with one app.
#[derive(Default)]
struct Stand {
    place: Option<Place>,
    /// True once the place is one of the log that is read.
    is_known: bool,
    /// What it may hear of the restricted topics; `None` until the app has said so.
    audiences: Option<Vec<String>>,
    ask_at: Option<Instant>,
}

/// What a tab waits for.
struct Changes {
    events: watch::Receiver<()>,
    releases: watch::Receiver<composer_ledger::Revision>,
    overrides: watch::Receiver<u64>,
    /// True until what is live has been looked at.
    has_versions: bool,
}

impl Tab {
    pub(super) fn new(app: App, wanted: Wanted, visitor: Visitor, place: Listening) -> Self {
        let stands = wanted.apps().into_iter().map(|name| {
            let place = wanted.place(&name);
            (
                name,
                Stand {
                    place,
                    ..Stand::default()
                },
            )
        });
        Self {
            stands: stands.collect(),
            told: None,
            has_begun: false,
            beat: Instant::now() + BEAT,
            changes: Changes {
                events: app.events.changes(),
                releases: app.registry.changes(),
                overrides: app.overrides.changes(),
                has_versions: true,
            },
            app,
            wanted,
            visitor,
            _place: place,
        }
    }

    /// What to say next; `None` ends the stream.
    pub(super) async fn next(mut self) -> Option<(Bytes, Self)> {
        let mut out = String::new();
        if !std::mem::replace(&mut self.has_begun, true) {
            // When a composer stops, its tabs don't all come to the next one in the same moment.
            let _ = write!(out, "retry: {}\n\n", fastrand::u16(200..2_000));
        }
        loop {
            if self.changes.take_versions() {
                self.tell_release(&mut out).await;
            }
            self.ask_audiences().await;
            self.tell_events(&mut out);
            if !out.is_empty() {
                self.beat = Instant::now() + BEAT;
                return Some((out.into(), self));
            }
            let drain = self.app.drain.clone();
            let wake = self.stands.values().filter_map(|stand| stand.ask_at).min();
            let wake = wake.map_or(self.beat, |wake| wake.min(self.beat));
            tokio::select! {
                () = drain.started() => return None,
                () = self.changes.wait() => {}
                () = sleep_until(wake) => if self.beat <= Instant::now() {
                    self.tell_place(&mut out);
                }
            }
        }
    }

    /// Says which versions are live for this visitor, whenever they are others than before.
    async fn tell_release(&mut self, out: &mut String) {
        let current = self.app.current(self.visitor.headers()).await;
        if self.told.as_ref() == Some(&current) {
            return;
        }
        let moment = self.app.moment();
        let release = moment.state().releases().next_back().map_or(0, |release| release.id.0);
        let apps = current
            .iter()
            .map(|each| json!({ "app": each.app, "version": each.version }));
        let data = json!({ "release": release, "apps": apps.collect::<Vec<_>>() });
        let _ = write!(out, "event: marquetry:released\ndata: {data}\n\n");
        self.told = Some(current);
    }

    /// Asks those apps of which the tab wants to hear something that not everybody may.
    async fn ask_audiences(&mut self) {
        let now = Instant::now();
        let site = Arc::clone(self.app.moment().stable.site());
        for (name, stand) in &mut self.stands {
            let Some(events) = site.manifest(name).map(|manifest| &manifest.events) else {
                continue;
            };
            let is_restricted = self.wanted.of_app(name).any(|topic| events.terms(topic).restricted);
            let path = events.audiences.as_ref().filter(|_| is_restricted);
            let Some(path) = path else {
                (stand.audiences, stand.ask_at) = (Some(vec![]), None);
                continue;
            };
            if stand.ask_at.is_some_and(|due| now < due) {
                continue;
            }
            let moment = self.app.moment();
            let Some(upstream) = moment.stable.upstreams.get(name) else {
                continue;
            };
            let asked = audience::ask(upstream, path, &self.visitor).await;
            let pause = if asked.is_ok() { BELIEVED } else { ASK_AGAIN };
            stand.ask_at = Some(Instant::now() + pause);
            stand.audiences = asked
                .map_err(|error| {
                    let error = chain(&error);
                    warn!(app.version = %upstream.app(), error, "audiences of a visitor aren't known: its tab has to wait");
                })
                .ok();
        }
    }

    /// Says what is new, as much as goes in one go.
    fn tell_events(&mut self, out: &mut String) {
        let names: Vec<AppName> = self.stands.keys().cloned().collect();
        let mut has_place = false;
        for name in names {
            let events = Arc::clone(&self.app.events);
            let Some(stand) = self.stands.get(&name).filter(|stand| stand.audiences.is_some()) else {
                // The app has to say first what the tab may hear. Until then its events wait where they are.
                continue;
            };
            let found = events.look(&name, |ring| {
                self.gather(&name, stand, ring, BATCH_BYTES.saturating_sub(out.len()))
            });
            let Some(found) = found else { continue };
            has_place |= !stand.is_known;
            if found.is_reset {
                self.put(&name, found.from);
                self.tell_reset(out, &name, None);
            } else if !found.lost.is_empty() {
                self.tell_reset(out, &name, Some(&found.lost));
            }
            for (place, event) in found.events {
                self.put(&name, place);
                let (topic, value) = (&event.topic, str::from_utf8(&event.value).unwrap_or("null"));
                let _ = write!(out, "id: {}\nevent: {topic}\ndata: {value}\n\n", self.cursor());
            }
            self.put(&name, found.up_to);
        }
        if has_place {
            self.tell_place(out);
        }
    }

    /// What a tab hears next of one app.
    fn gather(&self, name: &AppName, stand: &Stand, ring: &Ring, room: usize) -> Found {
        let log = ring.head();
        let asked = match &stand.place {
            Some(place) => Some(place.clone()),
            None => ring.since(self.wanted.since_ms()),
        };
        let from = asked.filter(|place| ring.behind(place).is_some());
        let mut found = Found {
            is_reset: from.is_none(),
            from: from.unwrap_or_else(|| log.clone()),
            lost: vec![],
            events: vec![],
            up_to: log,
        };
        if stand.place.is_some() && !stand.is_known && !found.is_reset {
            self.gather_fresh(name, stand, ring, &mut found);
        }
        let mut bytes = 0;
        for event in ring.behind(&found.from).into_iter().flatten() {
            if bytes >= room {
                found.up_to.number = found.events.last().map_or(found.from.number, |(place, _)| place.number);
                break;
            }
            if self.may_hear(stand, event) {
                bytes += event.value.len() + 128;
                let place = Place {
                    log: found.from.log.clone(),
                    number: event.number,
                };
                found.events.push((place, Arc::clone(event)));
            }
        }
        found
    }

    /// Topics that the tab has listened to only since this connection: it hears what has been since its page was made.
    fn gather_fresh(&self, name: &AppName, stand: &Stand, ring: &Ring, found: &mut Found) {
        let fresh = self.wanted.fresh_of(name);
        if fresh.is_empty() {
            return;
        }
        let Some(since) = ring.since(self.wanted.since_ms()) else {
            found.lost = fresh;
            return;
        };
        let missed = ring.behind(&since).into_iter().flatten();
        let missed = missed.filter(|event| event.number <= found.from.number && fresh.contains(&event.topic));
        let missed = missed.filter(|event| self.may_hear(stand, event));
        found.events = missed.map(|event| (found.from.clone(), Arc::clone(event))).collect();
    }

    fn may_hear(&self, stand: &Stand, event: &Event) -> bool {
        let own = stand.audiences.as_deref().unwrap_or_default();
        let is_heard = |audiences: &Vec<String>| audiences.iter().any(|name| own.contains(name));
        self.wanted.has(&event.topic) && event.audiences.as_ref().is_none_or(is_heard)
    }

    fn put(&mut self, name: &AppName, place: Place) {
        if let Some(stand) = self.stands.get_mut(name) {
            (stand.place, stand.is_known) = (Some(place), true);
        }
    }

    fn cursor(&self) -> Cursor {
        let known = self.stands.iter();
        Cursor(
            known
                .filter_map(|(name, stand)| Some((name.clone(), stand.place.clone()?)))
                .collect(),
        )
    }

    /// Says that events are lost, of all topics of an app or of some.
    fn tell_reset(&self, out: &mut String, name: &AppName, topics: Option<&[Topic]>) {
        let all: Vec<Topic> = self.wanted.of_app(name).cloned().collect();
        let data = json!({ "topics": topics.unwrap_or(&all) });
        let _ = write!(out, "id: {}\nevent: marquetry:reset\ndata: {data}\n\n", self.cursor());
    }

    /// Says where the tab is, for when it comes back.
    fn tell_place(&self, out: &mut String) {
        let _ = write!(out, "id: {}\nevent: marquetry:at\ndata: {{}}\n\n", self.cursor());
    }
}

/// What a tab hears of one app in one go.
struct Found {
    /// True where it has missed something that is no more.
    is_reset: bool,
    from: Place,
    /// Topics of which it has missed something, when others are whole.
    lost: Vec<Topic>,
    events: Vec<(Place, Arc<Event>)>,
    up_to: Place,
}

impl Changes {
    /// Whether other versions may be live than when this was last asked.
    fn take_versions(&mut self) -> bool {
        std::mem::take(&mut self.has_versions)
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.events.changed() => {}
            _ = self.releases.changed() => self.has_versions = true,
            _ = self.overrides.changed() => self.has_versions = true,
        }
    }
}
