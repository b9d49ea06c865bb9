//! Publishing: files that are there and right become a version that never changes.

use std::sync::Arc;

use composer_ledger::{Act, Actor, Checked, State};
use contract::{
    AppVersion,
    admin::{AnalysisTerms, Finding, NewVersion, PublishReply, Severity, Sha256},
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
    verify::{self, Name},
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
            let stored = inner.stored()?;
            verify::list(&version, &new.files).map_err(ActError::Findings)?;
            let _place = stored.checks.acquire().await;
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
        let (inner, checked) = (Arc::clone(self), act.clone());
        let examined = spawn_blocking(move || inner.examine(&state, &checked, is_known));
        match examined.await.map_err(|_| ActError::Ended)?? {
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

    fn examine(&self, state: &State, act: &Act, is_known: bool) -> Result<Examined, ActError> {
        let Act::VersionPublished { version, files, .. } = act else {
            return Ok(Examined::Good(vec![]));
        };
        let stored = self.stored()?;
        let missing = stored.blobs.missing(files);
        if !missing.is_empty() {
            return Ok(Examined::Missing(missing));
        }
        let prefix = &self.current.load().compositions.library.prefix;
        let loaded = match verify::contents(version, &Name::Same, files, &stored.blobs, prefix) {
            Ok(loaded) => Arc::new(loaded),
            // A file whose bytes had changed is missing from now on.
            Err(findings) => match stored.blobs.missing(files) {
                missing if missing.is_empty() => return Err(ActError::Findings(findings)),
                missing => return Ok(Examined::Missing(missing)),
            },
        };
        if is_known {
            return Ok(Examined::Good(vec![]));
        }
        Ok(Examined::Good(self.ahead(&after(state, act), version, &loaded)))
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
