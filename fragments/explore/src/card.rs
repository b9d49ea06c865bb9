//! The card of a product, as lists of products show it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{address, price::Price};

/// A product in a list, or one of its variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardData {
    /// The product.
    pub id: String,
    /// The variant, when the card is about one.
    pub sku: Option<String>,
    /// The product's name.
    pub name: String,
    /// A sentence about the product, or the variant's name.
    pub line: String,
    /// The variant's price, or that of the cheapest.
    pub price_cents: i64,
    /// Address of its picture, 640 × 480.
    pub image: String,
}

/// Cards side by side. The first `eager` pictures are loaded at once, the others when they come near.
#[component]
pub fn Cards(cards: Vec<CardData>, #[prop(optional)] eager: usize) -> impl IntoView {
    let cards = cards.into_iter().enumerate().map(|(at, data)| {
        let loading = if at < eager { "eager" } else { "lazy" };
        view! { <li><Card data loading/></li> }
    });
    view! { <ul class="m-grid ex-cards" role="list">{cards.collect_view()}</ul> }
}

#[component]
fn Card(data: CardData, loading: &'static str) -> impl IntoView {
    let address = address::product(&data.id, data.sku.as_deref());
    let from = data.sku.is_none();
    view! {
        <article class="m-card ex-card">
            <img class="ex-card__picture" src=data.image alt="" width="640" height="480" loading=loading decoding="async"/>
            <div class="m-card__body">
                <h3><a class="m-card__link" href=address>{data.name}</a></h3>
                <p class="m-muted ex-card__line">{data.line}</p>
                <Price cents=data.price_cents from/>
            </div>
        </article>
    }
}
