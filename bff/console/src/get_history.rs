//! The page of what was done.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Problem, Query, RequestContext};
use contract::{
    AppName,
    admin::{HistoryEntry, HistoryPage as Entries, Status},
};
use fragments_console::{Fields, Here, History, HistoryPage, place};
use leptos::prelude::*;

use crate::{
    Console,
    admin::AdminError,
    sessions::Visitor,
    shape,
    visit::{Why, to_sign_in},
};

/// Entries on a page.
const SHOWN: usize = 50;
/// Entries asked for at once, and how often, before the search pauses.
const ASKED: usize = 200;
const TIMES: usize = 5;
const FILTERS: [&str; 3] = ["act", "app", "by"];

/// Renders it.
pub(crate) async fn get_history(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    let here = address(&params, params.get("before").and_then(|before| before.parse().ok()));
    let Some(visitor) = console.arrive(&context).await else {
        return Ok(to_sign_in(Why::New, &here)?.into_response());
    };
    let found = history(&console, &visitor, &context, &params).await;
    let Some((props, status)) = console.props(&context, &visitor, Here::History, found) else {
        return Ok(to_sign_in(Why::Refused, &here)?.into_response());
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <HistoryPage props/> }).await;
    Ok(fragment
        .status(status)
        .title("History · Marquetry console")
        .into_response())
}

async fn history(
    console: &Console,
    visitor: &Visitor,
    context: &RequestContext,
    params: &Fields,
) -> Result<History, AdminError> {
    let calls = visitor.calls(context);
    let status: Status = console.admin.get(calls, "/v1/status").await?;
    let app: Option<AppName> = params.get("app").and_then(|app| app.parse().ok());
    let mut before = params.get("before").and_then(|before| before.parse::<u64>().ok());
    let mut found: Vec<HistoryEntry> = vec![];
    let mut full = false;
    for _ in 0..TIMES {
        let mut path = format!("/v1/history?limit={ASKED}");
        if let Some(app) = &app {
            path += &format!("&app={app}");
        }
        if let Some(before) = before {
            path += &format!("&before={before}");
        }
        let page: Entries = console.admin.get(calls, &path).await?;
        before = page.before;
        for entry in page.entries {
            if full {
                break;
            }
            if wanted(&entry, params) {
                full = found.len() + 1 == SHOWN;
                found.push(entry);
            }
        }
        if full {
            before = found.last().map(|oldest| oldest.revision);
        }
        if full || before.is_none() {
            break;
        }
    }
    let cut = !full && before.is_some();
    let older = before.map_or_else(String::new, |before| address(params, Some(before)));
    Ok(shape::history(&status, &found, params, older, cut))
}

/// The admin API knows the app; the rest is looked for here.
fn wanted(entry: &HistoryEntry, params: &Fields) -> bool {
    let by = params.get("by").map(|by| by.to_lowercase()).unwrap_or_default();
    let act = params.get("act").map(String::as_str).unwrap_or_default();
    (act.is_empty() || entry.act == act) && (by.is_empty() || entry.by.to_lowercase().contains(by.trim()))
}

fn address(params: &Fields, before: Option<u64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in FILTERS {
        if let Some(value) = params.get(name).filter(|value| !value.is_empty()) {
            query.append_pair(name, value);
        }
    }
    if let Some(before) = before {
        query.append_pair("before", &before.to_string());
    }
    match query.finish() {
        query if query.is_empty() => place::HISTORY.into(),
        query => format!("{}?{query}", place::HISTORY),
    }
}
