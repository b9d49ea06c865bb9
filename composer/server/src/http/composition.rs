//! Tells an open tab what it would be made of if it were opened now, and what it may do about that.

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use composer_page::{Asset, Plan, PublishedApp, Site};
use contract::{AppName, OpenTabs, Params, Version};
use http::{HeaderValue, header};
use serde::Serialize;

use super::visit::Visitor;
use crate::{
    app::{App, Shared},
    choice::{Gone, Visited},
    clock::now_s,
    live::View,
    respond, security,
};

/// What a tab is told.
#[derive(Debug, Default, Serialize)]
struct Told<'t> {
    state: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    newer: Option<Newer<'t>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    #[default]
    Current,
    Behind,
}

/// What takes the place of a tab's composition.
#[derive(Debug, Serialize)]
struct Newer<'t> {
    /// Its lock.
    composition: &'t str,
    /// What the strictest of the new versions wants.
    open_tabs: OpenTabs,
    /// What surrounds the slots of the page that was asked about; none where there is no such page any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<String>,
    /// The app of the page that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<AppName>,
    apps: Vec<Changed<'t>>,
}

/// An app whose version isn't the tab's.
#[derive(Debug, Serialize)]
struct Changed<'t> {
    app: &'t AppName,
    from: &'t Version,
    /// None for an app that is no longer live.
    to: Option<&'t Version>,
    /// The new version's module, for the tab's import map.
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<File<'t>>,
    styles: Vec<File<'t>>,
    /// The style sheets of the tab's version.
    old_styles: Vec<&'t str>,
}

#[derive(Debug, Serialize)]
struct File<'t> {
    url: &'t str,
    integrity: &'t str,
}

/// `GET /_m/composition?page=…`
pub(super) async fn get_composition(State(app): State<App>, request: Request) -> Response {
    let visitor = Visitor::of(request);
    let choice = match app.choose(Visited::Fragment, visitor.headers()).await {
        Ok(choice) => choice,
        Err(Gone(version)) => return respond::version_gone(&version, visitor.id()),
    };
    let Some(view) = choice.newer(&app).await else {
        return reply(&Told::default());
    };
    let lock = view.lock(&app.keys.compositions, now_s());
    let query = Params::parse(visitor.query());
    let newer = newer(&app, choice.view.site(), &view, &lock, query.get("page"));
    reply(&Told {
        state: Standing::Behind,
        newer: Some(newer),
    })
}

fn newer<'t>(app: &Shared, old: &'t Site, view: &'t View, lock: &'t str, page: Option<&str>) -> Newer<'t> {
    let new = view.site();
    let usual = app.config().pages.open_tabs;
    let differs = |name: &AppName| old.composition().version(name) != new.composition().version(name);
    // Apps that are new don't concern a page that has nothing of them.
    let before = old.published().filter(|app| differs(&app.manifest.app.name));
    let pairs: Vec<_> = before
        .map(|before| (before, new.app(&before.manifest.app.name)))
        .collect();
    let wish = |(_, after): &(_, Option<&PublishedApp>)| {
        let wish = after.and_then(|after| after.manifest.release.open_tabs);
        wish.unwrap_or(usual)
    };
    let route = page.and_then(|page| new.resolve(page));
    let plan = route.map(|route| Plan::page(new, &route, &Params::default()));
    Newer {
        composition: lock,
        open_tabs: pairs.iter().map(wish).max().unwrap_or(OpenTabs::Allow),
        frame: plan.as_ref().and_then(Plan::frame).map(str::to_owned),
        page: plan.map(|plan| plan.primary().fragment.app.clone()),
        apps: pairs.iter().map(|(before, after)| changed(before, *after)).collect(),
    }
}

fn changed<'t>(before: &'t PublishedApp, after: Option<&'t PublishedApp>) -> Changed<'t> {
    let styles = after.iter().flat_map(|after| &after.styles);
    Changed {
        app: &before.manifest.app.name,
        from: &before.manifest.app.version,
        to: after.map(|after| &after.manifest.app.version),
        module: after.and_then(|after| after.module.as_ref()).map(file),
        styles: styles.map(file).collect(),
        old_styles: before.styles.iter().map(|style| style.url.as_str()).collect(),
    }
}

fn file(asset: &Asset) -> File<'_> {
    File {
        url: &asset.url,
        integrity: &asset.integrity,
    }
}

fn reply(told: &Told<'_>) -> Response {
    let mut response = Json(told).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security::no_script(headers);
    response
}
