//! A canary under way: its terms, its numbers beside the stable versions', what comes next.

use contract::{
    AppVersion,
    admin::{Arm, Audience, CanaryState, ReleaseView},
};

use super::audience;
use crate::output::{
    Output, Tone, clean,
    time::{ago, length, until},
    words::{part, percent},
};

/// Its paragraph.
pub(crate) fn text(output: Output, canary: &ReleaseView, now_ms: u64) -> String {
    let head = format!(
        "canary {}: {} for {}{}",
        canary.id,
        versions(&canary.apps),
        audience(&canary.canary, canary.share_bp),
        paused(output, canary.state)
    );
    let mut text = format!("{}\n", output.tone(Tone::Heading, &head));
    text += &format!(
        "  released {} by {}{}\n",
        ago(canary.at_ms, now_ms),
        clean(&canary.by),
        why(canary)
    );
    if let Some(steps) = steps(canary, now_ms) {
        text += &format!("  {steps}\n");
    }
    let mut table = output.table(["", "REQUESTS", "FAILED", "LATE", "PAGE VIEWS", "REPORTED"]);
    table.row(arm("canary", &canary.ours));
    table.row(arm("stable", &canary.theirs));
    text += &table.text("  ");
    text + &format!(
        "  taken back by itself when failures are {} or reports {} above stable's, in {} requests or page views at least\n",
        percent(canary.analysis.max_failures_bp),
        percent(canary.analysis.max_reports_bp),
        canary.analysis.min_sample,
    )
}

/// `checkout@1.4.2 decide@2.0.0`.
pub(crate) fn versions(apps: &[AppVersion]) -> String {
    apps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn paused(output: Output, state: CanaryState) -> String {
    match state {
        CanaryState::Running => String::new(),
        CanaryState::Paused => format!(", {}", output.tone(Tone::Attention, "paused")),
    }
}

fn why(canary: &ReleaseView) -> String {
    match &canary.reason {
        Some(reason) => format!(": {}", clean(reason)),
        None => String::new(),
    }
}

fn steps(canary: &ReleaseView, now_ms: u64) -> Option<String> {
    let terms = &canary.canary;
    if terms.audience != Audience::Share || terms.steps.len() < 2 {
        return None;
    }
    let steps: Vec<String> = terms.steps.iter().map(|step| percent(*step)).collect();
    let next = match (terms.steps.get(canary.step + 1), canary.next_step_at_ms, terms.every_s) {
        (Some(share), Some(at_ms), _) => format!(", {} {}", percent(*share), until(at_ms, now_ms)),
        (None, Some(at_ms), _) => format!(", promoted {}", until(at_ms, now_ms)),
        (_, None, Some(every_s)) => format!(", a step every {}", length(every_s)),
        (_, None, None) => ", promoted by hand".into(),
    };
    Some(format!(
        "step {} of {} ({}){next}",
        canary.step + 1,
        steps.len(),
        steps.join(", ")
    ))
}

fn arm(name: &str, arm: &Arm) -> [String; 6] {
    [
        name.to_owned(),
        arm.requests.to_string(),
        part(arm.errors, arm.requests),
        part(arm.deadline_misses, arm.requests),
        arm.page_views.to_string(),
        part(arm.reported_views, arm.page_views),
    ]
}
