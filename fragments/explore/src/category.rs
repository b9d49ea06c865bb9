//! The page of a category, or of all tractors: narrowed and ordered by links, so that it works without script.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    address,
    card::{CardData, Cards},
    listing::{Band, Sort},
};

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryData {
    /// The heading.
    pub title: String,
    /// A sentence or two below it.
    pub blurb: String,
    /// The category, none for all tractors.
    pub category: Option<String>,
    /// All categories.
    pub categories: Vec<CategoryLink>,
    /// The order.
    pub sort: Sort,
    /// The prices.
    pub band: Band,
    /// What was asked for and is not known: shown as a note above the list.
    pub unknown: Vec<String>,
    /// The products, in that order.
    pub products: Vec<CardData>,
}

/// A category to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryLink {
    /// Its word in addresses.
    pub key: String,
    /// Its name.
    pub name: String,
}

struct Choice {
    label: String,
    address: String,
    /// What a chosen one is: this page, or one of its settings.
    current: Option<&'static str>,
}

/// The page of a category.
#[component]
pub fn Category(data: CategoryData) -> impl IntoView {
    let (by_category, by_price, by_order) = choices(&data);
    let count = match data.products.len() {
        0 => "No tractors".to_owned(),
        1 => "One tractor".to_owned(),
        many => format!("{many} tractors"),
    };
    let all = address::listing(data.category.as_deref(), data.sort, Band::All);
    let none = data.products.is_empty().then(|| {
        view! {
            <div class="m-notice">
                <p>"Nothing at that price here. " <a href=all>"Show any price"</a></p>
            </div>
        }
    });
    let unknown = data
        .unknown
        .into_iter()
        .map(|text| view! { <p class="m-notice" role="status">{text}</p> });
    view! {
        <div class="m-page m-stack">
            <header class="ex-intro">
                <h1>{data.title}</h1>
                <p class="m-muted ex-intro__line">{data.blurb}</p>
            </header>
            <div class="ex-choices">
                <Choices label="Category" choices=by_category/>
                <Choices label="Price" choices=by_price/>
                <Choices label="Sort by" choices=by_order/>
            </div>
            {unknown.collect_view()}
            <h2 class="ex-count">{count}</h2>
            {none}
            <Cards cards=data.products eager=4/>
        </div>
    }
}

fn choices(data: &CategoryData) -> (Vec<Choice>, Vec<Choice>, Vec<Choice>) {
    let current = data.category.as_deref();
    let (sort, band) = (data.sort, data.band);
    let all = std::iter::once((None, "All"));
    let each = data
        .categories
        .iter()
        .map(|each| (Some(each.key.as_str()), each.name.as_str()));
    let by_category = all.chain(each).map(|(key, name)| Choice {
        label: name.to_owned(),
        address: address::listing(key, sort, band),
        current: (key == current).then_some("page"),
    });
    let by_price = Band::ALL.map(|each| Choice {
        label: each.label().to_owned(),
        address: address::listing(current, sort, each),
        current: (each == band).then_some("true"),
    });
    let by_order = Sort::ALL.map(|each| Choice {
        label: each.label().to_owned(),
        address: address::listing(current, each, band),
        current: (each == sort).then_some("true"),
    });
    (by_category.collect(), by_price.into(), by_order.into())
}

#[component]
fn Choices(label: &'static str, choices: Vec<Choice>) -> impl IntoView {
    let choices = choices.into_iter().map(|choice| {
        view! { <li><a class="ex-choice" href=choice.address aria-current=choice.current>{choice.label}</a></li> }
    });
    view! {
        <nav class="ex-choices__row" aria-label=label>
            <span class="ex-choices__label" aria-hidden="true">{label}</span>
            <ul role="list" class="ex-choices__list">{choices.collect_view()}</ul>
        </nav>
    }
}
