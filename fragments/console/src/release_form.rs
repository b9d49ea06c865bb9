//! Which version to release, and for whom.

use leptos::prelude::*;

use crate::App;

/// The fields of the form. They stay as they are while the rest of the page follows the composer, so that nothing moves under a
/// person's hand.
pub(crate) fn release_form(app: &App) -> impl IntoView + use<> {
    let name = app.app.clone();
    let versions = app
        .versions
        .iter()
        .filter(|version| !version.stable && version.published.is_some());
    let versions = versions.map(|version| {
        let (value, name) = (version.version.clone(), version.version.clone());
        view! { <option value=value>{name}</option> }
    });
    view! {
        <input type="hidden" name="act" value="release"/>
        <input type="hidden" name="app" value=name/>
        <div class="c-field">
            <label for="c-version">"Version"</label>
            <select id="c-version" name="version" required>{versions.collect_view()}</select>
            <p class="c-muted">"Versions that were published after this page was opened are listed when you load it again."</p>
        </div>
        <fieldset class="c-choices">
            <legend>"For whom?"</legend>
            {choice("all", "Everybody, at once", "", true)}
            {choice("share", "A growing share of users", "The canary is compared with the live version and withdrawn by itself when it fails.", false)}
            <div class="c-choices__more">
                {field("steps", "Steps", "5%, 25%, 100%", "text")}
                {field("every", "Minutes at each step", "10", "number")}
            </div>
            {choice("cohort", "A cohort", "Requests whose cohort header has this value.", false)}
            <div class="c-choices__more">{field("cohort", "Cohort", "", "text")}</div>
            {choice("group", "A group of signed-in users", "", false)}
            <div class="c-choices__more">{field("group", "Group", "", "text")}</div>
        </fieldset>
        <details class="c-fold">
            <summary>"When has a canary failed?"</summary>
            <div class="c-choices__more">
                {field("sample", "Judged from so many requests on", "20", "number")}
                {field("failures", "Failed requests above stable, in %", "5", "number")}
                {field("reports", "Pages reported broken above stable, in %", "5", "number")}
            </div>
        </details>
        <div class="c-acts"><button class="c-button is-primary" type="submit">"Release…"</button></div>
    }
}

fn choice(value: &'static str, name: &'static str, hint: &'static str, checked: bool) -> impl IntoView {
    let id = format!("c-for-{value}");
    view! {
        <p class="c-choice">
            <input type="radio" id=id.clone() name="audience" value=value checked=checked/>
            <label for=id>{name}<span class="c-muted">{hint}</span></label>
        </p>
    }
}

fn field(name: &'static str, label: &'static str, value: &'static str, kind: &'static str) -> impl IntoView {
    let id = format!("c-in-{name}");
    let least = (kind == "number").then_some("0");
    view! {
        <div class="c-field">
            <label for=id.clone()>{label}</label>
            <input id=id name=name type=kind value=value min=least maxlength="100" autocomplete="off"/>
        </div>
    }
}
