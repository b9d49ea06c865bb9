//! The page of one app, and its numbers.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Fragment, Json, Path, Problem, Query, RequestContext};
use contract::{
    AppName,
    admin::{HistoryPage, Status},
};
use fragments_console::{App, AppPage, Fields, Here, Notice, Props, Tone, place};
use http::StatusCode;
use leptos::prelude::*;

use crate::{
    Console,
    admin::AdminError,
    sessions::Visitor,
    shape,
    visit::{Why, nobody, to_sign_in},
};

/// More than is shown: they say which versions were live for everybody.
const ENTRIES: usize = 100;

/// Renders it.
pub(crate) async fn get_app(
    context: RequestContext,
    Query(params): Query<Fields>,
    State(console): State<Console>,
) -> Result<Response, Problem> {
    let name = params.get("app").map(String::as_str).unwrap_or_default();
    let here = name.parse::<AppName>().map(|app| place::app(app.as_str()));
    let Some(visitor) = console.arrive(&context).await else {
        return Ok(to_sign_in(Why::New, &here.unwrap_or_default())?.into_response());
    };
    let found = match name.parse() {
        Ok(app) => app_of(&console, &visitor, &context, &app).await,
        Err(_) => Ok(None),
    };
    let Some((props, status)) = console.props(&context, &visitor, Here::App, found) else {
        return Ok(to_sign_in(Why::Refused, &here.unwrap_or_default())?.into_response());
    };
    let (props, status) = known(props, status);
    let title = props.data.as_ref().map_or("App", |app| app.app.as_str());
    let title = format!("{title} · Marquetry console");
    let fragment = Fragment::leptos(&context, props, |props| view! { <AppPage props/> }).await;
    Ok(fragment.status(status).title(title).into_response())
}

/// The same as JSON, for the page itself.
pub(crate) async fn get_app_numbers(
    context: RequestContext,
    Path(name): Path<String>,
    State(console): State<Console>,
) -> Result<Json<App>, Problem> {
    let visitor = console.sessions.watcher(&context).ok_or_else(nobody)?;
    let unknown =
        || Problem::not_found("There is no such app").detail("Nobody published it, or your token does not show it.");
    let app: AppName = name.parse().map_err(|_| unknown())?;
    let found = app_of(&console, &visitor, &context, &app).await;
    let found = found.map_err(|error| console.refuse(&context, error))?;
    found.map(Json).ok_or_else(unknown)
}

async fn app_of(
    console: &Console,
    visitor: &Visitor,
    context: &RequestContext,
    app: &AppName,
) -> Result<Option<App>, AdminError> {
    let calls = visitor.calls(context);
    let history = format!("/v1/history?app={app}&limit={ENTRIES}");
    let (status, history) = tokio::join!(
        console.admin.get::<Status>(calls, "/v1/status"),
        console.admin.get::<HistoryPage>(calls, &history),
    );
    // A token that may not see the app's history may still see that it is live.
    let history = match history {
        Err(AdminError::Refused(problem)) if problem.status == 403 => HistoryPage {
            entries: vec![],
            before: Some(0),
        },
        other => other?,
    };
    Ok(shape::app(&status?, app, &history, &visitor.who))
}

/// A page of no app is not found.
fn known(props: Props<Option<App>>, status: StatusCode) -> (Props<App>, StatusCode) {
    let missing = matches!(props.data, Some(None));
    let unknown = || Notice {
        tone: Tone::Bad,
        title: "There is no such app".into(),
        text: "Nobody published it, or your token does not show it.".into(),
        link: ("All apps".into(), place::OVERVIEW.into()),
    };
    let props = Props {
        frame: props.frame,
        data: props.data.flatten(),
        trouble: props.trouble.or_else(|| missing.then(unknown)),
    };
    (props, if missing { StatusCode::NOT_FOUND } else { status })
}
