//! What was done, by whom and why.

use leptos::prelude::*;

use crate::{History, Props, entries, frame, place};

/// The page at `/_m/console/history`.
#[component]
pub fn HistoryPage(props: Props<History>) -> impl IntoView {
    let said = props.frame.notice.clone();
    view! {
        {frame::bar(props.frame)}
        <main class="c-main" id="main" tabindex="-1">
            <div class="c-head"><h1>"History"</h1></div>
            {said.map(frame::notice)}
            {props.trouble.map(frame::notice)}
            {props.data.map(everything)}
        </main>
    }
}

fn everything(mut history: History) -> impl IntoView {
    let mut wanted = |name: &str| history.filter.remove(name).unwrap_or_default();
    let (app, act, by) = (wanted("app"), wanted("act"), wanted("by"));
    let apps = history.apps.into_iter().map(|name| (name.clone(), name)).collect();
    let none = history.entries.is_empty();
    let more = if history.cut { "Look further back" } else { "Older" };
    let no_more = history.older.is_empty();
    let cut = history.cut && none;
    view! {
        <form class="c-filter" action=place::HISTORY method="get">
            <div class="c-field">
                <label for="c-app">"App"</label>
                <select id="c-app" name="app">{options("all apps", apps, &app)}</select>
            </div>
            <div class="c-field">
                <label for="c-act">"Act"</label>
                <select id="c-act" name="act">{options("all acts", history.acts, &act)}</select>
            </div>
            <div class="c-field">
                <label for="c-by">"By"</label>
                <input id="c-by" name="by" type="search" value=by maxlength="100" placeholder="part of a name" autocomplete="off"/>
            </div>
            <button class="c-button" type="submit">"Show"</button>
        </form>
        <p class="c-empty" hidden=!none || cut>"Nothing like that was done."</p>
        <p class="c-empty" hidden=!cut>"Nothing like that among the newest entries."</p>
        <ol class="c-entries">
            {history.entries.into_iter().map(|entry| entries::entry(entry, ())).collect_view()}
        </ol>
        <p hidden=no_more><a class="c-button" href=history.older>{more}</a></p>
    }
}

fn options(all: &'static str, choices: Vec<(String, String)>, chosen: &str) -> impl IntoView + use<> {
    let choices = choices.into_iter().map(|(value, name)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{name}</option> }
    });
    view! {
        <option value="">{all}</option>
        {choices.collect_view()}
    }
}
