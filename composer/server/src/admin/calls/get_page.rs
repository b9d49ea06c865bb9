//! `GET /v1/page`: what a page is made of, now or at a moment in the past.

use axum::{Json, extract::State};
use composer_ledger::State as Facts;
use contract::admin::{Action, PageView, SlotView};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::Asked,
        failure::Failure,
    },
    app::App,
    clock::now_ms,
};

const LONGEST_PATH_BYTES: usize = 2_048;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    path: String,
    at_ms: Option<u64>,
}

/// Tells of a page: its route, layout, versions and slots, by the manifests of that moment.
pub(crate) async fn get_page(
    State(app): State<App>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<PageView>, Failure> {
    allows(&caller, Action::Read, &[])?;
    let path = canonical(&wanted.path)?;
    let now = now_ms();
    let (at_ms, facts) = match wanted.at_ms.filter(|at_ms| *at_ms < now) {
        Some(at_ms) => (at_ms, app.state_at(at_ms).await?),
        None => (now, app.state()?),
    };
    let composition = facts.stable();
    let composed = app.registry.snapshot().compose(&composition, None).await;
    let composed = composed.map_err(|error| {
        Failure::rule(format!(
            "the versions of that moment, `{composition}`, can't be shown any more: {error}"
        ))
    })?;
    let outline = composed.site.outline(&path);
    let lock = outline.as_ref().map(|_| app.lock_of(&composition));
    let (route, layout, parts) = match outline {
        Some(outline) => (Some(outline.route), Some(outline.layout), outline.parts),
        None => (None, None, vec![]),
    };
    Ok(Json(PageView {
        path,
        at_ms,
        revision: facts.revision().0,
        route,
        layout,
        composition: composition.to_string(),
        slots: parts.into_iter().map(|part| slot(&facts, part)).collect(),
        lock,
    }))
}

fn slot(facts: &Facts, part: composer_page::OutlinePart) -> SlotView {
    SlotView {
        team: facts.team_of(&part.fragment.app).map(|team| team.name.clone()),
        fragment: part.fragment,
        version: part.version,
        owner: part.owner,
        role: part.role,
        included_by: part.included_by,
        depth: part.depth,
    }
}

/// The path of an address, decoded once, without query, and without a slash at its end.
fn canonical(address: &str) -> Result<String, Failure> {
    let wrong = |rule: &str| Failure::broken(format!("`path` in the query must {rule}"));
    if address.len() > LONGEST_PATH_BYTES {
        return Err(wrong(&format!("have at most {LONGEST_PATH_BYTES} bytes")));
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') {
        return Err(wrong("begin with `/`, like `/checkout`"));
    }
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| wrong("be UTF-8"))?;
    let shorter = path.strip_suffix('/').filter(|rest| !rest.is_empty());
    Ok(shorter.unwrap_or(&path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_a_browser_shows_it() {
        for (address, path) in [
            ("/", "/"),
            ("/products/", "/products"),
            ("/caf%C3%A9?x=1#y", "/café"),
            ("/café", "/café"),
        ] {
            assert_eq!(canonical(address).unwrap(), path);
        }
        for bad in ["", "x", "http://x/", "/%ff", &format!("/{}", "a".repeat(2_048))] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
    }
}
