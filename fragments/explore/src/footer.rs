//! The foot of every page, with the switch that shows which team made which part of it.

use leptos::{html::Input, prelude::*};

use crate::address;

const TEAMS: [(&str, &str); 3] = [
    ("explore", "Team Explore"),
    ("decide", "Team Decide"),
    ("checkout", "Team Checkout"),
];

/// The footer. The switch is a checkbox and a style sheet; script only remembers it.
#[component]
pub fn Footer() -> impl IntoView {
    let switch = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let Some(switch) = switch.get()
            && memory::shown()
        {
            switch.set_checked(true);
        }
    });
    let remember = move |_| {
        if let Some(switch) = switch.get_untracked() {
            memory::remember(switch.checked());
        }
    };
    let teams = TEAMS.map(|(key, name)| view! { <li class="ex-team" data-team=key>{name}</li> });
    view! {
        <footer class="ex-footer">
            <div class="ex-footer__row">
                <div class="ex-footer__about">
                    <p class="ex-footer__name">"Marquetry"</p>
                    <p>"Laid together from separately cut pieces: three teams, three servers, one shop. No real tractors are sold here."</p>
                </div>
                <nav class="ex-footer__links" aria-label="Footer">
                    <ul role="list" class="ex-footer__list">
                        <li><a href=address::PRODUCTS>"Tractors"</a></li>
                        <li><a href=address::STORES>"Stores"</a></li>
                        <li><a href=address::CART>"Cart"</a></li>
                    </ul>
                </nav>
                <div class="ex-footer__seams">
                    <label class="ex-switch">
                        <input type="checkbox" id="show-boundaries" role="switch" data-unsaved="no" node_ref=switch on:change=remember/>
                        <span>"Show who made what"</span>
                    </label>
                    <ul role="list" class="ex-teams" aria-label="Teams">{teams.collect_view()}</ul>
                </div>
            </div>
        </footer>
    }
}

/// Where the browser keeps the choice. A browser that keeps nothing is fine.
mod memory {
    const KEY: &str = "marquetry:show-boundaries";

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok()?
    }

    pub(super) fn shown() -> bool {
        storage().and_then(|storage| storage.get_item(KEY).ok()?).is_some()
    }

    pub(super) fn remember(shown: bool) {
        let Some(storage) = storage() else { return };
        // A full or forbidden storage only means that the choice lasts for this page.
        let _ = if shown {
            storage.set_item(KEY, "1")
        } else {
            storage.remove_item(KEY)
        };
    }
}
