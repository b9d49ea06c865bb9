//! The page's slots as a tree, and all that is known of one.

use leptos::{prelude::*, tachys::html::attribute::custom::custom_attribute};
use web_sys::KeyboardEvent;

use crate::{
    answer::Answer,
    desk::Desk,
    js,
    page::{Page, Slot},
    parts::{badge, nothing, pairs},
    tree::{self, Row, Step},
    words,
};

pub(crate) fn slots(desk: Desk) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let slots: Vec<_> = desk
            .page
            .with(|page| page.slots.iter().map(|slot| (slot.id, slot.inside)).collect());
        desk.closed.with(|closed| tree::rows(&slots, closed))
    });
    let current = Memo::new(move |_| {
        let selected = desk.selected.get();
        rows.with(|rows| {
            let found = rows.iter().find(|row| Some(row.id) == selected);
            found.or(rows.first()).map(|row| row.id)
        })
    });
    let keys = move |event: KeyboardEvent| {
        let Some(at) = current.get_untracked() else { return };
        let key = event.key();
        if matches!(key.as_str(), "Enter" | " ") {
            event.prevent_default();
            js::show(at);
            return;
        }
        let Some(step) = rows.with_untracked(|rows| tree::step(rows, at, &key)) else {
            return;
        };
        event.prevent_default();
        go(desk, step);
    };
    view! {
        <ul class="tree" role="tree" aria-label="Slots of the page" on:keydown=keys>
            {move || {
                let at = current.get();
                desk.page.with(|page| {
                    rows.with(|rows| rows.iter().filter_map(|each| Some(row(desk, each, page.slot(each.id)?, at))).collect_view())
                })
            }}
        </ul>
        {move || desk.page.with(|page| page.slots.is_empty()).then(|| nothing("This page has no slots."))}
        {move || {
            let page = desk.page.get();
            let slot = current.get().and_then(|id| page.slot(id).cloned());
            slot.map(|slot| details(&page, &slot, &desk.answer()))
        }}
    }
}

fn go(desk: Desk, step: Step) {
    match step {
        Step::To(id) => {
            desk.selected.set(Some(id));
            desk.focus(&format!("#slot-{id}"));
        }
        Step::Open(id) => desk.closed.update(|closed| {
            closed.remove(&id);
        }),
        Step::Close(id) => desk.closed.update(|closed| {
            closed.insert(id);
        }),
    }
}

fn row(desk: Desk, row: &Row, slot: &Slot, at: Option<u32>) -> impl IntoView + use<> {
    let (id, is_current) = (row.id, at == Some(row.id));
    let mark = match row.is_open {
        Some(true) => "▾",
        Some(false) => "▸",
        None => "",
    };
    let condition = slot.condition();
    let told = match (slot.source.as_str(), slot.took_ms) {
        ("", None) => String::new(),
        (source, took) => format!("{source} {}", took.map(words::ms).unwrap_or_default()),
    };
    view! {
        <li
            role="treeitem"
            id=format!("slot-{id}")
            class=format!("level-{}", row.level.min(6))
            tabindex=if is_current { "0" } else { "-1" }
            {..custom_attribute("aria-level", row.level.to_string())}
            aria-selected=is_current.to_string()
            aria-expanded=row.is_open.map(|open| open.to_string())
            on:click=move |_| desk.selected.set(Some(id))
        >
            <span class="mark" aria-hidden="true">{mark}</span>
            <span class="name">{slot.fragment.clone()}</span>
            <span class="quiet">{told}</span>
            {badge(condition, condition.to_owned())}
        </li>
    }
}

fn details(page: &Page, slot: &Slot, answer: &Answer) -> impl IntoView + use<> {
    let id = slot.id;
    let planned = answer.planned(&slot.fragment).cloned().unwrap_or_default();
    let app = answer.app(&slot.app).cloned().unwrap_or_default();
    let release = app.release.as_ref().map(|release| {
        let since = js::time(release.since_ms.unwrap_or(release.at_ms));
        format!("{} by {}, since {}", release.id, release.by, words::minute(&since))
    });
    let ms = |took: Option<f64>| took.map(words::ms).unwrap_or_default();
    let around = slot
        .inside
        .and_then(|around| page.slot(around))
        .map(|around| around.fragment.clone());
    let source = [slot.source.clone(), slot.why.clone()];
    let source = source.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let life = [
        slot.condition(),
        &slot.phase,
        if slot.is_dirty { "unsaved changes" } else { "" },
    ];
    let life = life.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
    view! {
        <section class="details" aria-label="The chosen slot">
            <h3>{slot.fragment.clone()}</h3>
            {pairs(vec![
                ("Version", if slot.app.is_empty() { "no live app offers it".into() } else { slot.app_version() }),
                ("Owner", answer.owner_of(&slot.app, &slot.owner)),
                ("Role", planned.role),
                ("Why this version", if app.app.is_empty() { String::new() } else { app.reason().to_owned() }),
                ("Release", release.unwrap_or_default()),
                ("Came from", source.join(", ")),
                ("Server", ms(slot.took_ms)),
                ("Deadline", ms(planned.deadline_ms)),
                ("Wakes", slot.hydrate.clone()),
                ("Life", life.join(", ")),
                ("Load", ms(slot.load_ms)),
                ("Hydrate", ms(slot.hydrate_ms)),
                ("Mount", ms(slot.mount_ms)),
                ("Update", ms(slot.update_ms)),
                ("HTML", words::bytes(slot.html_bytes)),
                ("Module", if slot.code_bytes > 0.0 { words::bytes(slot.code_bytes) } else { String::new() }),
                ("Asked for", slot.src.clone()),
                ("Inside", around.unwrap_or_default()),
                ("Failed", slot.failures.join("; ")),
                ("Left behind", slot.leaks.join("; ")),
                        ])}
            <button on:click=move |_| js::show(id)>"Show on the page"</button>
        </section>
    }
}
