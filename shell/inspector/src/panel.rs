//! The inspector's window: a heading, tabs, and what the chosen tab shows.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::{
    desk::{Desk, Tab},
    events, report, slots, trouble, versions,
};

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Slots, "slots", "Slots"),
    (Tab::Events, "events", "Events"),
    (Tab::Versions, "versions", "Versions"),
    (Tab::Trouble, "trouble", "Trouble"),
    (Tab::Report, "report", "Diagnosis"),
];

pub(crate) fn panel(desk: Desk) -> impl IntoView {
    let keys = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            desk.close();
        }
    };
    view! {
        <section class="panel" role="dialog" aria-label="Marquetry inspector" on:keydown=keys>
            <header>
                <h2>"Inspector"</h2>
                <label class="switch">
                    <input
                        type="checkbox"
                        prop:checked=move || desk.has_frames.get()
                        on:change=move |event| desk.has_frames.set(event_target_checked(&event))
                    />
                    "Frames"
                </label>
                <button class="close" on:click=move |_| desk.close() aria-label="Close the inspector" title="Close (Esc)">
                    "✕"
                </button>
            </header>
            {tabs(desk)}
            <div class="body" id="body" role="tabpanel" tabindex="0" aria-labelledby=move || format!("tab-{}", name(desk.tab.get()))>
                {move || match desk.tab.get() {
                    Tab::Slots => slots::slots(desk).into_any(),
                    Tab::Events => events::events(desk).into_any(),
                    Tab::Versions => versions::versions(desk).into_any(),
                    Tab::Trouble => trouble::trouble(desk).into_any(),
                    Tab::Report => report::report(desk).into_any(),
                }}
            </div>
            <p class="told" role="status">{move || desk.told.get()}</p>
        </section>
    }
}

fn tabs(desk: Desk) -> impl IntoView {
    let keys = move |event: KeyboardEvent| {
        let Some(next) = next(desk.tab.get_untracked(), &event.key()) else {
            return;
        };
        event.prevent_default();
        choose(desk, next);
        desk.focus(&format!("#tab-{}", name(next)));
    };
    let each = move |(tab, name, title): (Tab, &'static str, &'static str)| {
        let is_chosen = move || desk.tab.get() == tab;
        view! {
            <button
                role="tab"
                id=format!("tab-{name}")
                aria-controls="body"
                aria-selected=move || is_chosen().to_string()
                tabindex=move || if is_chosen() { "0" } else { "-1" }
                on:click=move |_| choose(desk, tab)
            >
                {title}
                {move || count(desk, tab).map(|count| view! { <span class="count">{count}</span> })}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="What to look at" on:keydown=keys>
            {TABS.map(each).collect_view()}
        </div>
    }
}

fn choose(desk: Desk, tab: Tab) {
    desk.told.set(String::new());
    desk.tab.set(tab);
}

fn count(desk: Desk, tab: Tab) -> Option<usize> {
    let count = desk.page.with(|page| match tab {
        Tab::Slots => page.slots.len(),
        Tab::Events => page.events.len(),
        Tab::Trouble => page.troubles(),
        Tab::Versions | Tab::Report => 0,
    });
    (count > 0).then_some(count)
}

fn name(tab: Tab) -> &'static str {
    TABS.iter()
        .find(|(each, ..)| *each == tab)
        .map_or("", |(_, name, _)| name)
}

/// The tab that a key leads to.
fn next(tab: Tab, key: &str) -> Option<Tab> {
    let at = TABS.iter().position(|(each, ..)| *each == tab)?;
    let to = match key {
        "ArrowRight" => (at + 1) % TABS.len(),
        "ArrowLeft" => (at + TABS.len() - 1) % TABS.len(),
        "Home" => 0,
        "End" => TABS.len() - 1,
        _ => return None,
    };
    Some(TABS[to].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round_the_tabs() {
        assert_eq!(next(Tab::Slots, "ArrowRight"), Some(Tab::Events));
        assert_eq!(next(Tab::Slots, "ArrowLeft"), Some(Tab::Report));
        assert_eq!(next(Tab::Events, "Home"), Some(Tab::Slots));
        assert_eq!(next(Tab::Events, "End"), Some(Tab::Report));
        assert_eq!(next(Tab::Events, "Tab"), None);
        assert_eq!(name(Tab::Report), "report");
    }
}
