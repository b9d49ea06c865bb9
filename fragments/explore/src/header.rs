//! The top of every page: who we are, where to go, and the cart.

use fragments_kit::Slot;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::address;

const CART_FALLBACK: &str = r#"<a class="m-button m-button--quiet" href="/checkout/cart">Cart</a>"#;

/// The part of the shop that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// Lists of tractors.
    Tractors,
    /// The stores.
    Stores,
}

impl Section {
    /// All sections, in the order of the navigation.
    pub const ALL: [Self; 2] = [Self::Tractors, Self::Stores];

    /// The word in the slots of layouts.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tractors => "tractors",
            Self::Stores => "stores",
        }
    }

    /// The section of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.key() == key)
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::Tractors => (address::PRODUCTS, "Tractors"),
            Self::Stores => (address::STORES, "Stores"),
        }
    }
}

/// What the header has to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderData {
    /// Where the page that it is on belongs.
    pub current: Option<Section>,
}

/// The header.
#[component]
pub fn Header(data: HeaderData) -> impl IntoView {
    let entries = Section::ALL.map(|section| {
        let (address, label) = section.entry();
        let current = (data.current == Some(section)).then_some("true");
        view! { <li><a class="ex-nav__link" href=address aria-current=current>{label}</a></li> }
    });
    view! {
        <header class="ex-header">
            <div class="ex-header__row">
                <a class="ex-brand" href=address::HOME>
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
