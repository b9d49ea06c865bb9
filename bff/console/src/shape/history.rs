//! What was done.

use contract::admin::{HistoryEntry, Status};
use fragments_console::{Entry, Fields, History, Tone};

use crate::moment::moment;

/// Acts: word on the wire, word for people, how it looks.
const ACTS: [(&str, &str, Tone); 14] = [
    ("released", "released", Tone::Good),
    ("promoted", "promoted", Tone::Good),
    ("rolled-back", "rolled back", Tone::Warn),
    ("canary-stepped", "canary grew", Tone::Plain),
    ("canary-paused", "canary paused", Tone::Plain),
    ("canary-resumed", "canary resumed", Tone::Plain),
    ("version-published", "published", Tone::Plain),
    ("origins-set", "origins set", Tone::Plain),
    ("versions-forgotten", "forgotten", Tone::Plain),
    ("override-opened", "override", Tone::Plain),
    ("team-set", "team set", Tone::Plain),
    ("token-issued", "token issued", Tone::Plain),
    ("token-revoked", "token revoked", Tone::Warn),
    ("recovered", "recovered", Tone::Bad),
];

/// The page of `found`; `older` is the address of those before them, and `cut` says that not all were looked at.
pub(crate) fn history(status: &Status, found: &[HistoryEntry], filter: &Fields, older: String, cut: bool) -> History {
    History {
        entries: found.iter().map(|each| entry(each, status.at_ms)).collect(),
        filter: filter.clone(),
        apps: status.apps.iter().map(|app| app.app.to_string()).collect(),
        acts: ACTS
            .iter()
            .map(|(act, word, _)| ((*act).into(), (*word).into()))
            .collect(),
        older,
        cut,
    }
}

/// An act, as it is seen at `now_ms`.
pub(crate) fn entry(act: &HistoryEntry, now_ms: u64) -> Entry {
    let known = ACTS.iter().find(|(word, ..)| *word == act.act);
    let (word, tone) = known.map_or((act.act.as_str(), Tone::Plain), |(_, word, tone)| (*word, *tone));
    Entry {
        revision: act.revision,
        at: moment(act.at_ms, now_ms),
        by: act.by.clone(),
        act: word.into(),
        tone,
        text: act.text.clone(),
        reason: act.reason.clone().unwrap_or_default(),
        apps: act.apps.iter().map(ToString::to_string).collect(),
        back_to: String::new(),
    }
}
