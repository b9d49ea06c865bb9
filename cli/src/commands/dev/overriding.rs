//! The override in the composer: opened, changed with each build, kept open, closed.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use contract::admin::{NewOverride, OpenedOverride};

use crate::{
    client::{Client, Reply},
    commands::{uploading, version_folder::VersionFolder},
    failure::Failure,
    output::{Output, words},
};

/// Between the list of what is missing and the next, a collection of garbage may change it.
const ROUNDS: usize = 3;
/// It is renewed three times before it would end.
const RENEWALS: u32 = 3;
const FIRST_RENEWAL: Duration = Duration::from_secs(3);

/// One developer's override of one app.
#[derive(Debug)]
pub(super) struct Overriding {
    client: Client,
    output: Output,
    shown: Mutex<Option<Shown>>,
}

/// The last good build.
#[derive(Debug)]
struct Shown {
    folder: VersionFolder,
    origin: String,
    opened: Reply<OpenedOverride>,
}

impl Overriding {
    pub(super) fn new(client: Client, output: Output) -> Self {
        Self {
            client,
            output,
            shown: Mutex::new(None),
        }
    }

    /// Shows a build; the first opens the override.
    pub(super) fn show(&self, folder: VersionFolder, origin: &str) -> Result<Told, Failure> {
        let mut shown = self.shown();
        let id = shown.as_ref().map(|shown| shown.opened.id.clone());
        let opened = self.post(&folder, origin, id)?;
        let told = Told::of(&opened);
        *shown = Some(Shown {
            folder,
            origin: origin.to_owned(),
            opened,
        });
        Ok(told)
    }

    /// True once something is shown.
    pub(super) fn is_open(&self) -> bool {
        self.shown().is_some()
    }

    /// Renews it again and again until `stop` says so or is dropped.
    pub(super) fn keep(&self, stop: &Receiver<()>) {
        let (mut pause, mut is_lost) = (FIRST_RENEWAL, false);
        while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(pause) {
            match self.renew() {
                Ok(renewed) => {
                    pause = renewed.map_or(FIRST_RENEWAL, |lease| lease / RENEWALS);
                    if std::mem::take(&mut is_lost) {
                        self.output.note("the composer is back, and shows the last good build");
                    }
                }
                Err(failure) => {
                    if !std::mem::replace(&mut is_lost, true) {
                        self.output
                            .note(&format!("the override isn't renewed, trying on: {failure}"));
                    }
                }
            }
        }
    }

    /// The same once more: a composer that has forgotten the override opens it anew, under its id.
    fn renew(&self) -> Result<Option<Duration>, Failure> {
        let mut shown = self.shown();
        let Some(shown) = shown.as_mut() else { return Ok(None) };
        let id = Some(shown.opened.id.clone());
        shown.opened = self.post(&shown.folder, &shown.origin, id)?;
        Ok(Some(Duration::from_millis(shown.opened.renew_ms)))
    }

    /// Closes it; that it was open no more is as good.
    pub(super) fn close(&self) {
        if let Some(shown) = self.shown().take()
            && let Err(failure) = self.client.close_override(&shown.opened.id)
        {
            self.output.note(&format!(
                "the override ends by itself soon; it could not be closed: {failure}"
            ));
        }
    }

    fn post(&self, folder: &VersionFolder, origin: &str, id: Option<String>) -> Result<Reply<OpenedOverride>, Failure> {
        let new = NewOverride {
            version: folder.version.clone(),
            files: folder.files.clone(),
            origin: origin.to_owned(),
            id,
        };
        let mut reply = self.client.open_override(&new)?;
        for _ in 0..ROUNDS {
            if reply.missing.is_empty() {
                return Ok(reply);
            }
            uploading::upload(self.output, &self.client, folder, &reply.missing)?;
            reply = self.client.open_override(&new)?;
        }
        match reply.missing.len() {
            0 => Ok(reply),
            missing => Err(Failure::Refused(format!(
                "the composer still misses {} after {ROUNDS} uploads",
                words::count(missing, "file")
            ))),
        }
    }

    fn shown(&self) -> MutexGuard<'_, Option<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the composer said of a build.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) opened: OpenedOverride,
    pub(super) json: String,
}

impl Told {
    fn of(reply: &Reply<OpenedOverride>) -> Self {
        Self {
            opened: (**reply).clone(),
            json: reply.text.clone(),
        }
    }
}
