//! The top of every page: who we are, where to go, and the cart.

use fragments_kit::Slot;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::address;

const CART_FALLBACK: &str = r#"<a class="m-button m-button--quiet" href="/checkout/cart">Cart</a>"#;
const ENTRIES: [(&str, &str); 4] = [
    (address::PRODUCTS, "Tractors"),
    ("/products/classics", "Classics"),
    ("/products/autonomous", "Autonomous"),
    (address::STORES, "Stores"),
];

/// What the header has to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderData {
    /// The path of the page that it is on, if known.
    pub path: Option<String>,
}

/// The header.
#[component]
pub fn Header(data: HeaderData) -> impl IntoView {
    let current = move |address: &str| (data.path.as_deref() == Some(address)).then_some("page");
    let entries = ENTRIES.map(|(address, label)| {
        view! { <li><a class="ex-nav__link" href=address aria-current=current(address)>{label}</a></li> }
    });
    let at_home = current(address::HOME);
    view! {
        <header class="ex-header">
            <div class="ex-header__row">
                <a class="ex-brand" href=address::HOME aria-current=at_home>
                    <img class="ex-brand__mark" src="/static/brand/logo.svg" alt="" width="44" height="44"/>
                    <span class="ex-brand__words">
                        <span class="ex-brand__name">"Marquetry"</span>
                        <span class="ex-brand__line">"The Tractor Store"</span>
                    </span>
                </a>
                <nav class="ex-nav" aria-label="Main">
                    <ul class="ex-nav__list" role="list">{entries.collect_view()}</ul>
                </nav>
                <Slot src="checkout/mini-cart" fallback=CART_FALLBACK class="ex-header__cart"/>
            </div>
        </header>
    }
}
