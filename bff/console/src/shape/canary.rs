//! A canary and its numbers.

use contract::{
    AppName, AppVersion,
    admin::{self, Audience, CanaryState, ReleaseView, SHARE_ALL},
};
use fragments_console::{Arm, Canary, CanaryCard, Sample, percent, span};

use super::verdict::verdict;
use crate::{moment, words};

/// What every list shows of it.
pub(crate) fn card(release: &ReleaseView, now_ms: u64) -> CanaryCard {
    let apps = release.apps.iter();
    CanaryCard {
        apps: apps
            .map(|each| (each.app.to_string(), each.version.to_string()))
            .collect(),
        audience: words::audience(&release.canary, release.share_bp),
        share_bp: release.share_bp.map(u32::from),
        paused: release.state == CanaryState::Paused,
        next: next(release, now_ms),
        verdict: verdict(release),
    }
}

/// The canary, as the page of `app` shows it.
pub(crate) fn canary(release: &ReleaseView, app: &AppName, now_ms: u64) -> Canary {
    let of_app = |versions: &[AppVersion]| {
        let own = versions.iter().find(|version| version.app == *app);
        own.map_or("–".into(), |own| own.version.to_string())
    };
    Canary {
        id: release.id.to_string(),
        card: card(release, now_ms),
        version: of_app(&release.apps),
        against: of_app(&release.stable),
        by: release.by.clone(),
        since: moment::moment(release.at_ms, now_ms),
        reason: release.reason.clone().unwrap_or_default(),
        steps: release.canary.steps.iter().copied().map(u32::from).collect(),
        step: release.step,
        max_failures_bp: release.analysis.max_failures_bp.into(),
        max_reports_bp: release.analysis.max_reports_bp.into(),
        ours: arm(&release.ours),
        theirs: arm(&release.theirs),
        samples: release.samples.iter().map(|sample| at(sample, release.at_ms)).collect(),
    }
}

fn at(sample: &admin::Sample, since_ms: u64) -> Sample {
    Sample {
        at_s: sample.at_ms.saturating_sub(since_ms) / 1_000,
        share_bp: sample.share_bp.into(),
        ours: arm(&sample.ours),
        theirs: arm(&sample.theirs),
    }
}

fn arm(arm: &admin::Arm) -> Arm {
    Arm {
        requests: arm.requests,
        errors: arm.errors,
        late: arm.deadline_misses,
        views: arm.page_views,
        reports: arm.reported_views,
    }
}

/// What comes next, and when.
fn next(release: &ReleaseView, now_ms: u64) -> String {
    if release.state == CanaryState::Paused {
        return "Paused: it stays as it is until someone resumes it.".into();
    }
    let Some(at_ms) = release
        .next_step_at_ms
        .filter(|_| release.canary.audience == Audience::Share)
    else {
        return "It stays as it is until someone promotes it.".into();
    };
    let wait = span(at_ms.saturating_sub(now_ms).div_ceil(1_000));
    match release.canary.steps.get(release.step + 1) {
        Some(step) if *step < SHARE_ALL => format!("Grows to {} in {wait}.", percent((*step).into())),
        _ => format!("Live for everybody in {wait}."),
    }
}
