//! One app: its canary, its versions, a release, its history.

use leptos::prelude::*;

use crate::{
    App, Entry, Props, canary,
    dialog::{Asking, DONE, dialog},
    entries, frame,
    live::Live,
    place,
    release_form::release_form,
    versions::versions,
};

/// The page at `/_m/console/apps/{app}`.
#[component]
pub fn AppPage(props: Props<App>) -> impl IntoView {
    let name = props.data.as_ref().map_or_else(String::new, |app| app.app.clone());
    let form = props.data.as_ref().map(|app| release_form(app).into_any());
    let known = props.data.is_some();
    let live = Live::new(props.data, props.trouble, format!("/api/apps/{name}"));
    let asking = Asking::new(Callback::new(move |()| live.ask()));
    let said = props.frame.notice.clone();
    let canary = move || live.data.with(|app| app.as_ref().and_then(|app| app.canary.clone()));
    let may_act = move || {
        live.data
            .with(|app| app.as_ref().is_some_and(|app| app.forbidden.is_empty()))
    };
    view! {
        {frame::bar(props.frame)}
        <main class="c-main" id="main" tabindex="-1">
            <div class="c-head">
                <p class="c-crumb"><a href=place::OVERVIEW>"Overview"</a></p>
                <h1>{if known { name.clone() } else { "App".into() }}</h1>
                {move || live.data.get().map(|app| frame::as_of(app.as_of))}
            </div>
            {said.map(frame::notice)}
            <div class="c-told" role="status">
                {move || Some(asking.done.get()).filter(|done| !done.is_empty()).map(|done| view! {
                    <p class="c-done" id=DONE tabindex="-1">{done}</p>
                })}
            </div>
            <div class="c-told" role="alert">{move || live.trouble.get().map(frame::notice)}</div>
            {move || live.data.get().map(facts)}
            {move || canary().map(|canary| canary::panel(&name, canary, may_act(), asking))}
            {move || live.data.get().map(|app| versions(app, asking))}
            {form.map(|form| view! {
                <section
                    class="c-section" aria-labelledby="c-release"
                    hidden=move || !may_act() || canary().is_some()
                >
                    <h2 id="c-release">"Release a version"</h2>
                    <form class="c-panel c-release" action=place::CONFIRM method="get" on:submit=asking.on_form()>
                        {form}
                    </form>
                </section>
            })}
            {move || live.data.get().map(|app| history(app, asking))}
            {dialog(asking)}
        </main>
    }
}

fn facts(app: App) -> impl IntoView {
    let store = Some(app.as_of.store).filter(|store| !store.text.is_empty());
    let nobody = app.team.is_empty();
    let may = app.forbidden.is_empty();
    view! {
        {store.map(frame::notice)}
        <dl class="c-facts">
            <div>
                <dt>"Live for everybody"</dt>
                <dd><b class="c-version">{app.stable.unwrap_or_else(|| "nothing yet".into())}</b></dd>
            </div>
            <div><dt>"Owner"</dt><dd>{app.owner}</dd></div>
            <div><dt>"Team"</dt><dd>{if nobody { "none".into() } else { app.team }}</dd></div>
        </dl>
        <p class="c-notice is-plain" hidden=may>{app.forbidden}</p>
    }
}

fn history(app: App, asking: Asking) -> impl IntoView {
    let (name, forbidden) = (app.app, !app.forbidden.is_empty());
    let older = format!("{}?app={name}", place::HISTORY);
    let none = app.history.is_empty();
    let row = move |entry: Entry| {
        let query = format!("act=rollback&app={name}&version={}", entry.back_to);
        let hidden = forbidden || entry.back_to.is_empty();
        let words = format!("Roll back to {}", entry.back_to);
        let href = format!("{}?{query}", place::CONFIRM);
        let back = view! {
            <a class="c-button c-button--small" href=href hidden=hidden on:click=asking.on_click(query)>{words}</a>
        };
        entries::entry(Entry { apps: vec![], ..entry }, back)
    };
    view! {
        <section class="c-section" aria-labelledby="c-history">
            <h2 id="c-history">"History"</h2>
            <p class="c-empty" hidden=!none>"Nothing was done to it yet."</p>
            <ol class="c-entries">{app.history.into_iter().map(row).collect_view()}</ol>
            <p hidden=none><a href=older>"All of its history"</a></p>
        </section>
    }
}
