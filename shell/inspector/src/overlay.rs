//! Frames around the slots of the page, each with a label.

use leptos::prelude::*;

use crate::{
    desk::{Desk, Tab},
    page::Slot,
    words,
};

/// Pixels that a label is high: it stands above its frame where there is room, so that it hides none of the slot.
const LABEL: f64 = 17.0;

/// The frames; for the eye alone, for all they say stands in the list.
pub(crate) fn frames(desk: Desk) -> impl IntoView {
    let shown = move || {
        let selected = desk.selected.get();
        let slots = desk.page.with(|page| match desk.has_frames.get() {
            true => page.slots.clone(),
            false => vec![],
        });
        let answer = desk.answer();
        let visible = slots
            .into_iter()
            .filter(|slot| slot.area.width >= 1.0 && slot.area.height >= 1.0);
        visible
            .map(|slot| {
                let owner = answer.owner_of(&slot.app, &slot.owner);
                let role = answer.planned(&slot.fragment).map(|planned| planned.role.clone());
                frame(
                    desk,
                    &slot,
                    &owner,
                    &role.unwrap_or_default(),
                    selected == Some(slot.id),
                )
            })
            .collect_view()
    };
    view! { <div class="frames" aria-hidden="true">{shown}</div> }
}

fn frame(desk: Desk, slot: &Slot, owner: &str, role: &str, is_selected: bool) -> impl IntoView + use<> {
    let id = slot.id;
    let px = |value: f64| format!("{}px", value.round() as i64);
    let class = format!(
        "frame {}{}{}",
        slot.condition(),
        if is_selected { " selected" } else { "" },
        if slot.area.y >= LABEL { " labelled-above" } else { "" },
    );
    let pick = move |_| {
        desk.tab.set(Tab::Slots);
        desk.selected.set(Some(id));
    };
    view! {
        <div
            class=class
            style:left=px(slot.area.x)
            style:top=px(slot.area.y)
            style:width=px(slot.area.width)
            style:height=px(slot.area.height)
        >
            <button tabindex="-1" on:click=pick>
                <b>{slot.fragment.clone()}</b>
                <span>{label(slot, owner, role)}</span>
            </button>
        </div>
    }
}

/// Version, owner and role; where it came from and how long that took; how large it is; what broke.
fn label(slot: &Slot, owner: &str, role: &str) -> String {
    let mut parts = vec![slot.version.clone(), owner.to_owned(), role.to_owned()];
    let took = slot.took_ms.map(words::ms).unwrap_or_default();
    parts.push(format!("{} {took}", slot.source).trim().to_owned());
    parts.extend(slot.wake_ms().map(|took| format!("hydrated in {}", words::ms(took))));
    parts.push(words::bytes(slot.html_bytes));
    if slot.is_broken() {
        let errors = slot.failures.len().max(1);
        parts.push(words::count(errors, "error"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_what_is_known() {
        let slot = Slot {
            version: "1.4.2".into(),
            source: "hit".into(),
            took_ms: Some(0.34),
            hydrate_ms: Some(12.0),
            html_bytes: 1_234.0,
            ..Slot::default()
        };
        let told = "1.4.2 · team checkout · essential · hit 0.3 ms · hydrated in 12.0 ms · 1.2 kB";
        assert_eq!(label(&slot, "team checkout", "essential"), told);
        let bare = Slot {
            app: "checkout".into(),
            state: "fallback".into(),
            ..Slot::default()
        };
        assert_eq!(label(&bare, "", ""), "0 B · one error");
    }
}
