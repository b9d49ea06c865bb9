//! The page of the stores.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoresData {
    /// The stores.
    pub stores: Vec<StoreData>,
}

/// A store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreData {
    /// What it is called in addresses and forms.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Its town.
    pub city: String,
    /// When it is open, in words.
    pub opening: String,
    /// Address of its picture, 480 × 320.
    pub image: String,
}

/// The page of the stores.
#[component]
pub fn Stores(data: StoresData) -> impl IntoView {
    let stores = data.stores.into_iter().map(|data| view! { <li><Store data/></li> });
    view! {
        <div class="m-page m-stack">
            <header class="ex-intro">
                <h1>"Our stores"</h1>
                <p class="m-muted ex-intro__line">
                    "Come by, sit on things, ask the difficult questions. Whatever you order can be picked up at any of them."
                </p>
            </header>
            <ul class="m-grid ex-cards" role="list">{stores.collect_view()}</ul>
        </div>
    }
}

#[component]
fn Store(data: StoreData) -> impl IntoView {
    view! {
        <article class="m-card ex-store" id=data.id>
            <img class="ex-store__picture" src=data.image alt="" width="480" height="320" decoding="async"/>
            <div class="m-card__body">
                <h2 class="ex-store__name">{data.name}</h2>
                <address class="ex-store__address">{data.street}<br/>{data.city}</address>
                <p class="m-muted ex-store__opening">{data.opening}</p>
            </div>
        </article>
    }
}
