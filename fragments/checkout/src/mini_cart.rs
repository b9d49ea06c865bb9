//! The way to the cart, with the number of pieces in it.

use fragments_kit::subscribe;
use leptos::prelude::*;

use crate::{MiniCartProps, events::CartChanged};

/// Stands in the header of every page.
#[component]
pub fn MiniCartView(props: MiniCartProps) -> impl IntoView {
    let count = RwSignal::new(props.count);
    subscribe(move |event: CartChanged| count.set(event.count));
    view! {
        <a class="ch-mini" href="/checkout/cart">
            <svg
                class="ch-mini__icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"
                stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
            >
                <path d="M3 5h2.2l2.3 10.2h9.6L19.5 8H6"/>
                <circle cx="9" cy="19" r="1.4"/>
                <circle cx="16" cy="19" r="1.4"/>
            </svg>
            <span class="m-visually-hidden">{move || spoken(count.get())}</span>
            <span class="ch-mini__count m-badge" aria-hidden="true" hidden=move || count.get() == 0>
                {move || shown(count.get())}
            </span>
        </a>
    }
}

fn spoken(count: i64) -> String {
    match count {
        0 => "Cart, empty".into(),
        1 => "Cart, 1 item".into(),
        count => format!("Cart, {count} items"),
    }
}

fn shown(count: i64) -> String {
    if count > 99 { "99+".into() } else { count.to_string() }
}
