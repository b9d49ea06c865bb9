//! Publishing: files that are there and right become a version that never changes.

use std::sync::Arc;

use composer_ledger::{Act, Actor, Checked, State};
use contract::{
    AppVersion,
    admin::{AnalysisTerms, Finding, NewVersion, PublishReply, Severity, Sha256, VersionFile},
};
use tokio::task::spawn_blocking;

use super::{
    Inner, Registry,
    act::{Wanted, after},
};
use crate::{
    check::Check,
    packed::LoadedApp,
    refused::ActError,
    verify::{self, MAX_BYTES, Name},
};

impl Registry {
    /// Publishes a version, once all its files are stored and nothing is wrong with them; `dry_run` only tells.
    ///
    /// The same files again change nothing, and heal what was damaged.
    ///
    /// # Errors
    /// When something is wrong with the files, the version is published with others, or nobody owns the app.
    pub async fn publish(
        &self,
        by: Actor,
        version: AppVersion,
        new: NewVersion,
        dry_run: bool,
    ) -> Result<PublishReply, ActError> {
        let inner = Arc::clone(&self.0);
        // A task of its own: who asked may go away.
        let task = tokio::spawn(async move {
            verify::list(&version, &new.files, MAX_BYTES).map_err(ActError::Findings)?;
            inner.publish(by, version, new, dry_run).await
        });
        task.await.unwrap_or(Err(ActError::Ended))
    }
}

impl Inner {
    async fn publish(
        self: &Arc<Self>,
        by: Actor,
        version: AppVersion,
        new: NewVersion,
        dry_run: bool,
    ) -> Result<PublishReply, ActError> {
        let stored = self.stored()?;
        let act = Act::VersionPublished {
            version: version.clone(),
            files: new.files,
            note: new.note,
        };
        let state = stored.ledger.state();
        let is_known = matches!(state.check(&act, None)?, Checked::Unchanged(_));
        let blobs = Arc::clone(&stored.blobs);
        let _keep = spawn_blocking(move || blobs.keep())
            .await
            .map_err(|_| ActError::Ended)??;
        let mut reply = PublishReply {
            version,
            missing: vec![],
            published: is_known,
            changed: false,
            findings: vec![],
            revision: state.revision().0,
        };
        match self.examine(&state, &act, is_known).await? {
            Examined::Missing(missing) => {
                reply.missing = missing;
                return Ok(reply);
            }
            Examined::Good(findings) => reply.findings = findings,
        }
        if is_known {
            self.refresh().await;
        } else if !dry_run {
            let wanted = Wanted {
                by,
                act,
                if_revision: None,
                reason: None,
            };
            let done = self.act(wanted).await?;
            (reply.published, reply.changed) = (true, done.changed);
        }
        reply.revision = stored.ledger.state().revision().0;
        Ok(reply)
    }

    /// Asks for what is missing, then checks the files, a few versions at a time.
    async fn examine(self: &Arc<Self>, state: &Arc<State>, act: &Act, is_known: bool) -> Result<Examined, ActError> {
        let Act::VersionPublished { version, files, .. } = act else {
            return Ok(Examined::Good(vec![]));
        };
        let stored = self.stored()?;
        let (blobs, listed) = (Arc::clone(&stored.blobs), files.clone());
        let missing = spawn_blocking(move || blobs.missing(&listed));
        let missing = missing.await.map_err(|_| ActError::Ended)?;
        if !missing.is_empty() {
            return Ok(Examined::Missing(missing));
        }
        let _place = stored.checks.acquire().await;
        let (inner, state, act) = (Arc::clone(self), Arc::clone(state), act.clone());
        let (version, files) = (version.clone(), files.clone());
        let checked = spawn_blocking(move || {
            let loaded = match inner.contents(&version, &files)? {
                Ok(loaded) => loaded,
                Err(missing) => return Ok(Examined::Missing(missing)),
            };
            let findings = if is_known {
                vec![]
            } else {
                inner.ahead(&after(&state, &act), &version, &loaded)
            };
            Ok(Examined::Good(findings))
        });
        checked.await.map_err(|_| ActError::Ended)?
    }

    /// The version, or the files of it that turn out to be damaged and are missing now.
    fn contents(
        &self,
        version: &AppVersion,
        files: &[VersionFile],
    ) -> Result<Result<Arc<LoadedApp>, Vec<Sha256>>, ActError> {
        let stored = self.stored()?;
        let prefix = &self.current.load().compositions.library.prefix;
        match verify::contents(version, &Name::Same, files, &stored.blobs, prefix) {
            Ok(loaded) => Ok(Ok(Arc::new(loaded))),
            Err(findings) => match stored.blobs.missing(files) {
                missing if missing.is_empty() => Err(ActError::Findings(findings)),
                missing => Ok(Err(missing)),
            },
        }
    }

    /// What a release would find now: nothing to refuse yet, but to know.
    fn ahead(&self, state: &State, version: &AppVersion, loaded: &Arc<LoadedApp>) -> Vec<Finding> {
        let apps = vec![version.clone()];
        let released = Act::Released {
            apps: apps.clone(),
            canary: None,
            analysis: AnalysisTerms::default(),
        };
        let next = after(state, &released);
        let check = Check {
            compositions: &self.current.load().compositions,
            state: &next,
            before: &state.stable(),
            changed: &apps,
            is_rollback: false,
            unpublished: Some(loaded),
        };
        let mut findings = check.run(&[next.stable()]);
        for finding in &mut findings {
            finding.severity = Severity::Warning;
        }
        findings
    }
}

enum Examined {
    Missing(Vec<Sha256>),
    Good(Vec<Finding>),
}
