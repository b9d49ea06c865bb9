//! What broke, whose it is, and what fragments left behind.

use leptos::prelude::*;

use crate::{
    desk::Desk,
    js,
    page::{Report, Slot},
    parts::{badge, nothing},
    words,
};

pub(crate) fn trouble(desk: Desk) -> impl IntoView {
    let is_well = move || desk.page.with(|page| page.troubles() == 0);
    let fallen = move || {
        let slots = desk.page.with(|page| page.slots.clone());
        let shown = slots
            .into_iter()
            .filter(|slot| slot.state == "fallback" && slot.is_broken());
        shown.map(|slot| fallback(desk, &slot)).collect_view()
    };
    let reported = move || {
        let reports = desk.page.with(|page| page.reports.clone());
        reports.iter().rev().map(|report| told(desk, report)).collect_view()
    };
    let leaks = move || {
        let slots = desk.page.with(|page| page.slots.clone());
        let left = slots.into_iter().filter(|slot| !slot.leaks.is_empty());
        left.map(|slot| {
            view! { <li><b>{slot.fragment}</b>" left behind: "{slot.leaks.join(", ")}</li> }
        })
        .collect_view()
    };
    view! {
        {move || is_well().then(|| nothing("Nothing is broken, as far as this page knows."))}
        <ul class="troubles" aria-label="What broke">{fallen}{reported}{leaks}</ul>
    }
}

fn fallback(desk: Desk, slot: &Slot) -> impl IntoView + use<> {
    let owner = desk.answer().owner_of(&slot.app, &slot.owner);
    let why = if slot.why.is_empty() {
        "its server gave nothing"
    } else {
        &slot.why
    };
    view! {
        <li>
            {badge("fallback", "fallback".into())}
            <b>{slot.fragment.clone()}</b>
            <span class="quiet">{slot.app_version()}" · "{owner}</span>
            <p>{format!("shows its fallback: {why}")}</p>
        </li>
    }
}

fn told(desk: Desk, report: &Report) -> impl IntoView + use<> {
    let owner = desk.answer().owner_of(&report.app, &report.owner);
    let at = report.at_ms.map(|at| words::clock(&js::time(at))).unwrap_or_default();
    let stack = (!report.stack.is_empty()).then(|| {
        view! { <details><summary>"Stack"</summary><pre role="group" aria-label="Stack" tabindex="0">{report.stack.clone()}</pre></details> }
    });
    view! {
        <li>
            {badge("failed", report.phase.clone())}
            <b>{report.fragment.clone()}</b>
            <span class="quiet">{format!("{}@{} · {owner} · {at}", report.app, report.version)}</span>
            <p>{report.message.clone()}</p>
            {stack}
        </li>
    }
}
