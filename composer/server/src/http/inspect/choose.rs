//! Chooses published versions for one browser, or lets go of the choice.

use axum::{
    body::to_bytes,
    extract::{Request, State},
    response::Response,
};
use composer_ledger::Ledger;
use contract::{AppName, AppVersion, admin::Action};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{is_offered, is_own, json, unknown};
use crate::{
    admin::{Failure, allows, render},
    app::{App, Shared},
    choice::{CHOSEN_COOKIE, CHOSEN_S, MOST_CHOSEN},
    request::{Peer, RequestId},
    visitor::{ended, lasting},
};

const LONGEST_BYTES: usize = 16 << 10;

/// What is to be shown in this browser; nothing stands for what others see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    versions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Shown {
    versions: Vec<String>,
    /// When that ends.
    for_s: u64,
}

/// `POST /_m/inspect/versions`: has this browser show these published versions, from its next page on.
pub(in crate::http) async fn choose_versions(State(app): State<App>, request: Request) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    if !is_offered(&app, request.headers()) || !is_own(request.headers()) {
        return unknown(id.as_ref());
    }
    let secure = request.extensions().get::<Peer>().is_some_and(|peer| peer.tls);
    match chosen(&app, request).await {
        Ok(versions) => {
            let names = versions.iter().map(ToString::to_string).collect();
            let shown = Shown {
                versions: names,
                for_s: CHOSEN_S,
            };
            let mut response = json(StatusCode::OK, &shown);
            let cookie = match versions.is_empty() {
                true => ended(CHOSEN_COOKIE, secure),
                false => lasting(CHOSEN_COOKIE, &app.sign_chosen(&versions), CHOSEN_S, secure),
            };
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(failure) => render(axum::response::IntoResponse::into_response(failure), id.as_ref()),
    }
}

async fn chosen(app: &Shared, request: Request) -> Result<Vec<AppVersion>, Failure> {
    let (parts, body) = request.into_parts();
    // Another site's form can't send this.
    let is_json = parts.headers.get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static("application/json"));
    if !is_json {
        let detail = "the body must be sent with `content-type: application/json`";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let body = to_bytes(body, LONGEST_BYTES).await;
    let body = body.map_err(|_| Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "a choice has at most 16 KiB"))?;
    let wanted: Wanted = serde_json::from_slice(&body)
        .map_err(|_| Failure::broken("a choice is JSON like `{\"versions\":[\"checkout@1.4.2\"]}`"))?;
    if wanted.versions.is_empty() {
        return Ok(vec![]);
    }
    if wanted.versions.len() > MOST_CHOSEN {
        return Err(Failure::broken(format!("a choice has at most {MOST_CHOSEN} versions")));
    }
    let versions: Result<Vec<AppVersion>, _> = wanted.versions.iter().map(|text| text.parse()).collect();
    let versions = versions.map_err(|error| Failure::broken(format!("`versions`: {error}")))?;
    let by = permit(app, &parts.headers, &versions)?;
    let moment = app.moment();
    let live = moment.stable.composition().clone();
    if let Some(problem) = app.problem_of(&versions, &moment, &live).await {
        return Err(Failure::rule(format!("{problem}: the page stays as it is")));
    }
    let names: Vec<String> = versions.iter().map(ToString::to_string).collect();
    tracing::info!(versions = names.join(" "), by, "versions chosen for one browser");
    Ok(versions)
}

/// Tells by whom the choice is made.
fn permit(app: &Shared, headers: &HeaderMap, versions: &[AppVersion]) -> Result<String, Failure> {
    let ledger = app.registry.ledger();
    let state = ledger.map(Ledger::state);
    let state = state.ok_or_else(|| {
        Failure::not_found("the apps of this composer are fixed: there are no versions to choose from")
    })?;
    if app.inspector.development {
        return Ok("a developer".into());
    }
    let caller = crate::admin::caller(headers, &state)?;
    let apps: Vec<AppName> = versions.iter().map(|version| version.app.clone()).collect();
    allows(&caller, Action::Dev, &apps)?;
    Ok(caller.name)
}
