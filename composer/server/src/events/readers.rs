//! One reader for each app that has a feed, as long as it is live.

use std::{collections::HashMap, sync::Arc, time::Duration};

use composer_fetch::Fleet;
use composer_registry::Registry;
use contract::{AppName, AppVersion};
use metrics::counter;
use tokio::{
    task::{AbortHandle, JoinSet},
    time::sleep,
};
use tracing::{info, warn};

use super::{
    Events,
    feed::{Feed, FeedError},
};
use crate::chain::chain;

/// After a first failure a feed is asked again so soon,
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// and after many so late.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// One that lies is left alone for so long.
const PAUSE_AFTER_LIE: Duration = Duration::from_secs(10);

/// What readers work with.
pub(crate) struct Readers {
    pub(crate) registry: Registry,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) events: Arc<Events>,
}

impl Readers {
    /// Reads all feeds; never ends.
    pub(crate) async fn run(self) {
        let readers = Arc::new(self);
        let mut changes = readers.registry.changes();
        let (mut tasks, mut running) = (JoinSet::new(), HashMap::<AppName, AbortHandle>::new());
        loop {
            let apps = readers.apps();
            running.retain(|app, task| {
                let stays = apps.contains(app);
                if !stays {
                    task.abort();
                }
                stays
            });
            readers.events.retain(|app| apps.contains(app));
            for app in apps {
                let own = Arc::clone(&readers);
                let task = |app: AppName| tasks.spawn(async move { own.keep_reading(&app).await });
                running.entry(app.clone()).or_insert_with(|| task(app));
            }
            // What was aborted is let go of.
            while tasks.try_join_next().is_some() {}
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The live apps that have a feed.
    fn apps(&self) -> Vec<AppName> {
        let snapshot = self.registry.snapshot();
        let site = &snapshot.stable().site;
        let manifests = site.apps().filter_map(|app| site.manifest(&app.app));
        let with_feed = manifests.filter(|manifest| manifest.events.feed.is_some());
        with_feed.map(|manifest| manifest.app.name.clone()).collect()
    }

    /// The feed of the version of `app` that is live for everybody.
    fn feed(&self, app: &AppName) -> Option<Feed> {
        let snapshot = self.registry.snapshot();
        let manifest = snapshot.stable().site.manifest(app)?;
        manifest.events.feed.as_ref()?;
        Some(Feed {
            upstream: self.fleet.ensure(manifest),
            terms: manifest.events.clone(),
        })
    }

    async fn keep_reading(&self, app: &AppName) {
        let mut course = Course::default();
        while let Some(feed) = self.feed(app) {
            let version = feed.upstream.app().clone();
            let (events, opened) = (Arc::clone(&self.events), &mut course);
            let read = feed.read(&events, || opened.opened(&version));
            let ended = tokio::select! {
                ended = read => ended,
                // Another version is read from where this one was left.
                () = self.replaced(app, &version) => continue,
            };
            let pause = course.ended(&version, &ended);
            tokio::select! {
                () = sleep(pause) => {}
                () = self.replaced(app, &version) => {}
            }
        }
    }

    /// Waits until another version of `app` is live, or none.
    async fn replaced(&self, app: &AppName, version: &AppVersion) {
        let mut changes = self.registry.changes();
        while self.feed(app).is_some_and(|feed| feed.upstream.app() == version) {
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// How it went so far with one app.
#[derive(Default)]
struct Course {
    failures: u32,
    /// What was told last: the same isn't told again.
    told: Option<String>,
}

impl Course {
    fn opened(&mut self, version: &AppVersion) {
        self.failures = 0;
        if self.told.take().is_some() {
            info!(app.version = %version, "a feed is read again");
        }
    }

    /// How long to wait after that.
    fn ended(&mut self, version: &AppVersion, ended: &Result<(), FeedError>) -> Duration {
        let Err(error) = ended else { return FIRST_PAUSE };
        counter!("composer_feed_failures_total", "app" => version.app.as_str().to_owned()).increment(1);
        let text = format!("{version} {}", chain(error));
        if self.told.as_ref() != Some(&text) {
            warn!(app.version = %version, error = chain(error), "a feed can't be read; it is tried again");
            self.told = Some(text);
        }
        if error.is_lie() {
            return PAUSE_AFTER_LIE;
        }
        self.failures = self.failures.saturating_add(1).min(16);
        let pause = FIRST_PAUSE * 2_u32.pow(self.failures - 1);
        // Composers that lost the same instance don't all come back in one moment.
        pause.min(LONGEST_PAUSE).mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}
