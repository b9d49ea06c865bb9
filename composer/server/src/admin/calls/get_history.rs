//! `GET /v1/history`: who did what, when and why; the newest first.

use axum::{Json, extract::State};
use composer_ledger::{Act, Entry, Revision, State as Facts};
use contract::{
    AppName,
    admin::{Action, HistoryEntry, HistoryPage},
};
use serde::Deserialize;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::Asked,
        failure::Failure,
    },
    app::App,
};

const USUAL: usize = 50;
const MOST: usize = 200;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    app: Option<AppName>,
    before: Option<u64>,
    limit: Option<usize>,
}

/// Lists the entries that the caller's token may see.
pub(crate) async fn get_history(
    State(app): State<App>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<HistoryPage>, Failure> {
    allows(&caller, Action::Read, wanted.app.as_slice())?;
    let limit = wanted.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Failure::broken(format!("`limit` in the query must be 1 to {MOST}")));
    }
    let facts = app.state()?;
    let shown = |entry: &Entry| {
        let about = |app: &AppName| facts.apps_of(&entry.act).contains(app);
        sees(&caller, &facts, entry) && wanted.app.as_ref().is_none_or(about)
    };
    let found = app.ledger()?.history(wanted.before.map(Revision), limit + 1, shown);
    let mut entries: Vec<HistoryEntry> = found.iter().map(|entry| view(&facts, entry)).collect();
    let more = entries.len() > limit;
    entries.truncate(limit);
    let before = entries.last().filter(|_| more).map(|oldest| oldest.revision);
    Ok(Json(HistoryPage { entries, before }))
}

/// A team's token sees what touches its apps, its team, and its team's tokens.
fn sees(caller: &Caller, facts: &Facts, entry: &Entry) -> bool {
    if caller.is_platform() || facts.apps_of(&entry.act).iter().any(|app| caller.covers(app)) {
        return true;
    }
    let Some(own) = &caller.team else { return false };
    match &entry.act {
        Act::TeamSet { team, .. } => team == own,
        Act::TokenIssued { token } => token.team.as_ref() == Some(own),
        Act::TokenRevoked { id } => facts
            .token(id)
            .is_some_and(|token| token.record.team.as_ref() == Some(own)),
        _ => false,
    }
}

fn view(facts: &Facts, entry: &Entry) -> HistoryEntry {
    HistoryEntry {
        revision: entry.revision.0,
        at_ms: entry.at_ms,
        by: entry.by.to_string(),
        act: entry.act.kind().into(),
        text: entry.act.to_string(),
        reason: entry.reason.clone(),
        apps: facts.apps_of(&entry.act),
        release: entry.release(),
    }
}
