//! The home page: a scene, the categories, and some tractors to begin with.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    address,
    card::{CardData, Cards},
};

/// What the home page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeData {
    /// The categories.
    pub teasers: Vec<TeaserData>,
    /// Tractors to begin with.
    pub featured: Vec<CardData>,
}

/// A category, as the home page invites to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeaserData {
    /// Its word in addresses.
    pub key: String,
    /// Its name.
    pub name: String,
    /// A sentence or two about it.
    pub blurb: String,
}

/// The home page.
#[component]
pub fn Home(data: HomeData) -> impl IntoView {
    let teasers = data.teasers.into_iter().map(|data| view! { <li><Teaser data/></li> });
    view! {
        <section class="ex-hero">
            <img
                class="ex-hero__scene" src="/static/scenes/home.svg" width="1600" height="640" fetchpriority="high"
                alt="A small red tractor ploughs long strips of field at dawn"
            />
            <div class="ex-hero__words">
                <p class="ex-hero__over">"The Tractor Store"</p>
                <h1>"Good tractors, fitted to your fields"</h1>
                <p>"Fifteen machines, some with a driver's seat and some with opinions of their own. Find yours, choose its colour, and pick it up round the corner."</p>
                <p class="ex-hero__ways">
                    <a class="m-button m-button--primary" href=address::PRODUCTS>"See all tractors"</a>
                    <a class="m-button" href=address::STORES>"Find a store"</a>
                </p>
            </div>
        </section>
        <div class="m-page ex-home">
            <section class="m-stack" aria-labelledby="ex-ways">
                <h2 id="ex-ways">"Two ways to work a field"</h2>
                <ul class="ex-teasers" role="list">{teasers.collect_view()}</ul>
            </section>
            <section class="m-stack" aria-labelledby="ex-featured">
                <div class="ex-section">
                    <h2 id="ex-featured">"Fresh from the workshop"</h2>
                    <a class="m-button m-button--quiet" href=address::PRODUCTS>"All tractors"</a>
                </div>
                <Cards cards=data.featured/>
            </section>
        </div>
    }
}

#[component]
fn Teaser(data: TeaserData) -> impl IntoView {
    let scene = format!("/static/scenes/{}.svg", data.key);
    view! {
        <article class="m-card ex-teaser">
            <img class="ex-teaser__scene" src=scene alt="" width="800" height="400" decoding="async"/>
            <div class="m-card__body">
                <h3><a class="m-card__link" href=address::category(Some(&data.key))>{data.name}</a></h3>
                <p class="m-muted">{data.blurb}</p>
            </div>
        </article>
    }
}
