//! The variants of a product, as links; a click on one changes the page in place where there is script.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{Product, Variant, address, money::euros};

/// `choose` gets the position of the variant that a visitor clicked.
#[component]
pub(crate) fn Picker(
    product: Arc<Product>,
    shown: RwSignal<usize>,
    choose: impl Fn(usize) + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let options = product
        .variants
        .iter()
        .enumerate()
        .map(|(at, variant)| {
            let href = address::of(&product.id, &variant.sku);
            let choose = choose.clone();
            view! { <li><Choice variant=variant.clone() href at shown choose/></li> }
        })
        .collect_view();
    view! {
        <nav class="de-picker" aria-label="Colours">
            <ul class="de-picker__list">{options}</ul>
        </nav>
    }
}

#[component]
fn Choice(
    variant: Variant,
    href: String,
    at: usize,
    shown: RwSignal<usize>,
    choose: impl Fn(usize) + Send + Sync + 'static,
) -> impl IntoView {
    let on_click = move |click: web_sys::MouseEvent| {
        if address::is_plain(&click) {
            click.prevent_default();
            choose(at);
        }
    };
    view! {
        <a class="de-choice" href=href aria-current=move || (shown.get() == at).then_some("true") on:click=on_click>
            <svg class="de-choice__swatch" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                <circle cx="16" cy="16" r="14" fill=variant.color/>
            </svg>
            <span class="de-choice__name">{variant.name}</span>
            <span class="de-choice__price m-muted">{euros(variant.price_cents)}</span>
        </a>
    }
}
