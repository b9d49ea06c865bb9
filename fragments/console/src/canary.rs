//! A canary with its numbers, charts, and what can be done to it.

use leptos::prelude::*;

use crate::{
    Arm, Canary,
    chart::{self, grouped, percent},
    dialog::Asking,
    frame, place,
};

/// The panel of `app`'s canary.
pub(crate) fn panel(app: &str, canary: Canary, may_act: bool, asking: Asking) -> impl IntoView + use<> {
    let buttons = acts(app, &canary, may_act, asking);
    let shares = (!canary.steps.is_empty()).then(|| chart::draw(chart::share(&canary)));
    let (failures, reports) = (chart::failures(&canary), chart::reports(&canary));
    let numbers = numbers(&canary);
    let steps = steps(&canary);
    let train = canary.card.apps.len() > 1;
    let apps = canary.card.apps.iter().map(|(app, version)| format!("{app} {version}"));
    let apps: Vec<String> = apps.collect();
    let (paused, no_reason) = (canary.card.paused, canary.reason.is_empty());
    let verdict = canary.card.verdict;
    view! {
        <section class="c-panel c-canary" aria-labelledby="c-canary">
            <div class="c-canary__head">
                <h2 id="c-canary">{format!("Canary {}", canary.version)}</h2>
                <span class="c-chip is-canary">{canary.card.audience}</span>
                <span class="c-chip" hidden=!paused>"paused"</span>
            </div>
            <p class=verdict.tone.class("c-verdict c-verdict--large")><b>{verdict.title}</b>" "{verdict.text}</p>
            {steps}
            <p class="c-muted">{canary.card.next}</p>
            <div class="c-charts">
                {chart::draw(failures)}
                {chart::draw(reports)}
                {shares}
            </div>
            {numbers}
            <dl class="c-facts">
                <div><dt>"Release"</dt><dd>{canary.id}</dd></div>
                <div><dt>"Compared with"</dt><dd class="c-version">{canary.against}</dd></div>
                <div><dt>"Begun"</dt><dd>{frame::ago(canary.since)}" by "{canary.by}</dd></div>
                <div hidden=no_reason><dt>"Why"</dt><dd>{canary.reason}</dd></div>
                <div hidden=!train><dt>"A train of"</dt><dd>{apps.join(", ")}</dd></div>
            </dl>
            {buttons}
        </section>
    }
}

fn steps(canary: &Canary) -> impl IntoView + use<> {
    let now = canary.step;
    let steps = canary.steps.iter().enumerate().map(|(at, share)| {
        let (class, current) = match at {
            at if at < now => ("c-step is-done", None),
            at if at == now => ("c-step is-now", Some("step")),
            _ => ("c-step", None),
        };
        view! { <li class=class aria-current=current>{percent((*share).into())}</li> }
    });
    view! { <ol class="c-steps" aria-label="Steps" hidden=canary.steps.is_empty()>{steps.collect_view()}</ol> }
}

fn numbers(canary: &Canary) -> impl IntoView + use<> {
    let row = |name: &'static str, of: fn(&Arm) -> u64| {
        let (ours, theirs) = (grouped(of(&canary.ours)), grouped(of(&canary.theirs)));
        view! { <tr><th scope="row">{name}</th><td>{ours}</td><td>{theirs}</td></tr> }
    };
    view! {
        <table class="c-table c-table--numbers">
            <caption class="c-hidden">"Counted since the canary began"</caption>
            <thead>
                <tr>
                    <th scope="col">"Since it began"</th>
                    <th scope="col"><span class="c-key is-ours">{canary.version.clone()}</span></th>
                    <th scope="col"><span class="c-key is-theirs">{canary.against.clone()}</span></th>
                </tr>
            </thead>
            <tbody>
                {row("Requests to BFFs", |arm| arm.requests)}
                {row("Failed", |arm| arm.errors)}
                {row("Late", |arm| arm.late)}
                {row("Page views", |arm| arm.views)}
                {row("Reported broken", |arm| arm.reports)}
            </tbody>
        </table>
    }
}

fn acts(app: &str, canary: &Canary, may_act: bool, asking: Asking) -> impl IntoView + use<> {
    let button = |act: &str, class: &'static str, words: String, shown: bool| {
        let query = format!("act={act}&app={app}&release={}", canary.id);
        let href = format!("{}?{query}", place::CONFIRM);
        let hidden = !shown;
        view! { <a class=class href=href hidden=hidden on:click=asking.on_click(query)>{words}</a> }
    };
    let paused = canary.card.paused;
    let next = canary.step + 1;
    let share = canary.steps.get(next).copied();
    let grow = format!("Go to {}", percent(share.unwrap_or_default().into()));
    view! {
        <div class="c-acts" hidden=!may_act>
            {button("promote", "c-button is-primary", "Promote to everybody".into(), true)}
            {button(&format!("promote&step={next}"), "c-button", grow, share.is_some_and(|share| share < 10_000))}
            {button("pause", "c-button", "Pause".into(), !paused)}
            {button("resume", "c-button", "Resume".into(), paused)}
            {button("abort", "c-button is-danger", "Abort".into(), true)}
        </div>
    }
}
