//! Garbage: versions that nobody used for long, and the files that only they had.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use composer_ledger::{Act, Actor, AppendError, State, state::limits};
use contract::{
    AppVersion,
    admin::{Finding, GcReply, GcTerms, Severity, Sha256, VersionFile},
};
use tokio::task::spawn_blocking;
use tracing::info;

use super::{Inner, Registry, act::Wanted};
use crate::refused::ActError;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl Registry {
    /// Published versions of which files are missing, those that are live as errors. Damaged files that nobody has read yet don't show.
    pub async fn check_files(&self) -> Vec<Finding> {
        let inner = Arc::clone(&self.0);
        spawn_blocking(move || inner.incomplete()).await.unwrap_or_default()
    }

    /// Forgets versions that are not live, that no rollback without a name leads to, that are not in `in_use`, and that were none of
    /// these for `terms.unused_days`; then removes files that no version has, unless they are younger than an hour.
    ///
    /// # Errors
    /// When the ledger can't write it down, or the disk fails.
    pub async fn gc(&self, by: Actor, terms: GcTerms, in_use: BTreeSet<AppVersion>) -> Result<GcReply, ActError> {
        let inner = Arc::clone(&self.0);
        let task = tokio::spawn(async move { inner.collect(by, terms, in_use).await });
        task.await.unwrap_or(Err(ActError::Ended))
    }
}

impl Inner {
    async fn collect(
        self: &Arc<Self>,
        by: Actor,
        terms: GcTerms,
        in_use: BTreeSet<AppVersion>,
    ) -> Result<GcReply, ActError> {
        let stored = self.stored()?;
        let state = stored.ledger.state();
        let before_ms = now_ms().saturating_sub(u64::from(terms.unused_days).saturating_mul(DAY_MS));
        let versions = unused(&state, &in_use, before_ms);
        if !terms.dry_run {
            for some in versions.chunks(limits::FORGOTTEN) {
                self.act(Wanted {
                    by: by.clone(),
                    act: Act::VersionsForgotten {
                        versions: some.to_vec(),
                    },
                    if_revision: None,
                    reason: Some(format!("not used for {} days", terms.unused_days)),
                })
                .await?;
            }
        }
        let blobs = Arc::clone(&stored.blobs);
        let alone = spawn_blocking(move || blobs.collect())
            .await
            .map_err(|_| ActError::Ended)??;
        // Nobody publishes now: what is known after this is all that there is.
        stored.ledger.refresh().await;
        let inner = Arc::clone(self);
        let gone: HashSet<AppVersion> = versions.iter().cloned().collect();
        let removing = spawn_blocking(move || {
            let removed = inner.remove_files(&gone, terms.dry_run);
            drop(alone);
            removed
        });
        let (files, bytes) = removing.await.map_err(|_| ActError::Ended)??;
        let kept = state.versions().count() - versions.len();
        info!(
            versions = versions.len(),
            files,
            bytes,
            dry_run = terms.dry_run,
            "collected garbage"
        );
        Ok(GcReply {
            versions: versions.iter().map(ToString::to_string).collect(),
            files,
            bytes,
            kept: kept as u64,
        })
    }

    fn incomplete(&self) -> Vec<Finding> {
        let Some(stored) = &self.stored else { return vec![] };
        let state = stored.ledger.state();
        let mut findings = Vec::new();
        for published in state.versions() {
            let is_missing = |file: &&VersionFile| !stored.blobs.has(&file.sha256, file.bytes);
            let missing: Vec<&VersionFile> = published.files.iter().filter(is_missing).collect();
            let Some(first) = missing.first() else { continue };
            let is_live = published.idle_since_ms.is_none();
            findings.push(Finding {
                severity: if is_live { Severity::Error } else { Severity::Warning },
                rule: "files-missing".into(),
                at: published.version.to_string(),
                text: format!(
                    "{} of its {} files are missing or were damaged, as `{}`: publish it again with the same files",
                    missing.len(),
                    published.files.len(),
                    first.path
                ),
            });
        }
        findings
    }

    fn remove_files(&self, gone: &HashSet<AppVersion>, dry_run: bool) -> Result<(u64, u64), ActError> {
        let stored = self.stored()?;
        // While the store can't be read, versions may be published that are not known here.
        if !stored.ledger.health().takes_acts() {
            let why = "the ledger's store can't be used, and what it has must not be removed".into();
            return Err(AppendError::Unavailable { why }.into());
        }
        let state = stored.ledger.state();
        let stay = state.versions().filter(|each| !gone.contains(&each.version));
        let stay: HashSet<&Sha256> = stay.flat_map(|each| &each.files).map(|file| &file.sha256).collect();
        let (mut files, mut bytes) = (0, 0);
        for (sha256, length) in stored.blobs.all() {
            if stay.contains(&sha256) || !stored.blobs.is_stale(&sha256) {
                continue;
            }
            if !dry_run {
                stored.blobs.remove(&sha256)?;
            }
            files += 1;
            bytes += length;
        }
        if !dry_run {
            stored.blobs.clear_left_overs();
        }
        Ok((files, bytes))
    }
}

fn unused(state: &State, in_use: &BTreeSet<AppVersion>, before_ms: u64) -> Vec<AppVersion> {
    let targets: HashSet<AppVersion> = state
        .apps()
        .filter_map(|app| {
            Some(AppVersion {
                app: app.name.clone(),
                version: app.previous.last()?.clone(),
            })
        })
        .collect();
    let is_unused = |since: Option<u64>| since.is_some_and(|since| since <= before_ms);
    let unused = state.versions().filter(|each| {
        is_unused(each.idle_since_ms) && !targets.contains(&each.version) && !in_use.contains(&each.version)
    });
    unused.map(|each| each.version.clone()).collect()
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
