//! Which versions the tab shows and why, the canaries under way, and another version in their place.

use leptos::prelude::*;
use web_sys::SubmitEvent;

use crate::{
    answer::{Answer, App, Canary},
    desk::{Asked, Desk},
    js,
    parts::{badge, nothing, pairs},
    words,
};

pub(crate) fn versions(desk: Desk) -> impl IntoView {
    move || match desk.asked.get() {
        Asked::Waiting => nothing("Asking the composer …").into_any(),
        Asked::Refused(why) => view! {
            <p class="nothing">"The composer says: "{why}</p>
            <button on:click=move |_| desk.ask()>"Ask again"</button>
        }
        .into_any(),
        Asked::Answered(answer) => answered(desk, &answer).into_any(),
    }
}

fn answered(desk: Desk, answer: &Answer) -> impl IntoView + use<> {
    let page = if answer.route.is_empty() {
        String::new()
    } else {
        format!("{} in {}", answer.route, answer.layout)
    };
    let canaries = answer.canaries.iter().map(canary).collect_view();
    view! {
        {pairs(vec![
            ("Page", page),
            ("Composition", answer.composition.clone()),
            ("Against what is live", answer.state.clone()),
            ("Composer", answer.composer.clone()),
            ("Problem", answer.problem.clone().unwrap_or_default()),
                ])}
        {own(desk, answer)}
        <ul class="apps" aria-label="Apps">{answer.apps.iter().map(|app| told(desk, app)).collect_view()}</ul>
        {switching(desk, answer)}
        {(!answer.canaries.is_empty()).then(|| view! {
            <h3>"Canaries"</h3>
            <ul class="apps" aria-label="Canaries">{canaries}</ul>
        })}
    }
}

/// The way back, where this browser shows something else than others.
fn own(desk: Desk, answer: &Answer) -> impl IntoView + use<> {
    let close = format!("{}/override/close", desk.prefix());
    let shown = answer.shown.clone().map(|(version, until)| {
        view! {
            <form class="own" method="post" action=close>
                <p>{format!("This browser shows the override {version} until {}.", words::minute(&js::time(until)))}</p>
                <button>"Close the override"</button>
            </form>
        }
    });
    let chosen = (!answer.chosen.is_empty()).then(|| {
        view! {
            <div class="own">
                <p>{format!("Chosen for this browser: {}.", answer.chosen.join(", "))}</p>
                <button on:click=move |_| desk.choose(String::new())>"Show what others see"</button>
            </div>
        }
    });
    view! { {shown}{chosen} }
}

fn told(desk: Desk, app: &App) -> impl IntoView + use<> {
    let kind = match app.why.as_str() {
        "stable" | "fixed" => "live",
        "older" => "fallback",
        _ => "pending",
    };
    let release = app.release.as_ref().map(|release| {
        let since = words::minute(&js::time(release.since_ms.unwrap_or(release.at_ms)));
        let reason = release
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        format!(
            "release {} ({}) by {}, since {since}{reason}",
            release.id, release.course, release.by
        )
    });
    let published = app.published_by.as_ref().map(|by| format!("published by {by}"));
    let unreachable = (!app.is_reachable).then(|| badge("failed", "no instance".into()));
    view! {
        <li>
            <b>{format!("{}@{}", app.app, app.version)}</b>
            {badge(kind, app.reason().to_owned())}
            {unreachable}
            <p class="quiet">{[Some(app.owner.clone()), release, published].into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p>
            {(app.versions.len() > 1).then(|| choice(desk, app))}
        </li>
    }
}

/// The versions of an app; choosing one shows it in this browser alone.
fn choice(desk: Desk, app: &App) -> impl IntoView + use<> {
    let name = app.app.clone();
    let chosen = RwSignal::new(app.version.clone());
    let current = app.version.clone();
    let options = app.versions.iter().map(|version| {
        let words = match (version.live.as_str(), version.is_reachable) {
            (_, false) => " (no instance)",
            ("stable", _) => " (live)",
            ("canary", _) => " (canary)",
            _ => "",
        };
        let is_current = version.version == app.version;
        view! {
            <option value=version.version.clone() selected=is_current disabled=!version.is_reachable>
                {format!("{}{words}", version.version)}
            </option>
        }
    });
    let act = {
        let name = name.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let answer = desk.answer();
            let others = answer
                .chosen
                .iter()
                .filter(|each| !each.starts_with(&format!("{name}@")))
                .cloned();
            let all: Vec<String> = others.chain([format!("{name}@{}", chosen.get_untracked())]).collect();
            desk.choose(all.join(" "));
        }
    };
    view! {
        <form class="choice" on:submit=act>
            <label>
                <span>{format!("Version of {name}")}</span>
                <select on:change=move |event| chosen.set(event_target_value(&event))>{options.collect_view()}</select>
            </label>
            <button disabled=move || chosen.get() == current>"Show in this browser"</button>
        </form>
    }
}

/// What it takes to choose, where that is more than a click.
fn switching(desk: Desk, answer: &Answer) -> impl IntoView + use<> {
    let needs_token = answer.switching == "token";
    let told = match (answer.switching.as_str(), &answer.caller) {
        ("none", _) => "The apps of this composer are fixed: there are no versions to choose from.".to_owned(),
        ("token", Some(caller)) => format!("With the token of {caller} you can choose among the versions of its apps."),
        ("token", None) => "To choose another version for this browser, give a token that may `dev`. It stays in this tab's memory, until the inspector closes.".to_owned(),
        _ => "Nobody but developers comes here: choose a version without a token.".to_owned(),
    };
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        desk.ask();
    };
    view! {
        <p class="quiet">{told}</p>
        {needs_token.then(|| view! {
            <form class="choice" on:submit=ask>
                <label>
                    <span>"Token"</span>
                    <input
                        type="password"
                        autocomplete="off"
                        prop:value=move || desk.token.get()
                        on:input=move |event| desk.token.set(event_target_value(&event))
                    />
                </label>
                <button>"Show versions"</button>
            </form>
        })}
    }
}

fn canary(canary: &Canary) -> impl IntoView + use<> {
    let share = canary.share_bp.map(|share| format!("for {}", words::share(share)));
    let bucket = canary
        .bucket
        .map(|bucket| format!("this browser is bucket {} of 10000", bucket as u32));
    let at = canary.at_ms.map(|at| words::minute(&js::time(at)));
    let paused = canary.is_paused.then(|| "paused".to_owned());
    let facts = [
        share,
        Some(canary.audience.clone()),
        bucket,
        at,
        Some(canary.by.clone()),
        paused,
    ];
    let (kind, word) = if canary.admits {
        ("pending", "in it")
    } else {
        ("html", "not in it")
    };
    view! {
        <li>
            <b>{format!("{} {}", canary.release, canary.apps.join(" "))}</b>
            {badge(kind, word.to_owned())}
            <p class="quiet">{facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p>
        </li>
    }
}
