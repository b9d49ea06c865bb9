//! The page of a category, or of all tractors.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_explore::{
    card::CardData,
    category::{Category, CategoryData},
    listing::{Band, Sort},
    not_found::{NotFound, NotFoundData},
};
use leptos::prelude::*;
use rusqlite::Connection;
use serde::Deserialize;

use crate::{KEPT_FOR, data};

/// The params: the category's key, an order and a price band, each as its word in addresses.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    category: Option<String>,
    sort: Option<String>,
    filter: Option<String>,
}

/// Renders the page; for a category that there isn't, a friendly page with status 404.
pub(crate) async fn get_category(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let found = database.read(move |database| listing(database, &params)).await?;
    let Some(data) = found else {
        return Ok(not_found(&context).await);
    };
    let (title, blurb) = (format!("{} · Marquetry Tractors", data.title), data.blurb.clone());
    let fragment = Fragment::leptos(&context, (), |()| view! { <Category data/> }).await;
    let fragment = fragment.kept_for(KEPT_FOR).tag("products");
    Ok(fragment.title(title).meta("description", blurb))
}

async fn not_found(context: &RequestContext) -> Fragment {
    let data = NotFoundData {
        title: "No such row in our barn".into(),
        line: "We keep classics and we keep autonomous tractors, but nothing under that name.".into(),
    };
    let fragment = Fragment::leptos(context, (), |()| view! { <NotFound data/> }).await;
    fragment.title("Not found · Marquetry Tractors").status(404)
}

fn listing(database: &Connection, params: &Params) -> rusqlite::Result<Option<CategoryData>> {
    let categories = data::categories(database)?;
    let key = params.category.as_deref().filter(|key| !key.is_empty());
    let (title, blurb) = match key {
        None => (
            "All tractors".to_owned(),
            "Everything we have, from the smallest to the one that needs a bigger gate.".to_owned(),
        ),
        Some(key) => match categories.iter().find(|category| category.key == key) {
            Some(category) => (category.name.clone(), category.blurb.clone()),
            None => return Ok(None),
        },
    };
    let mut unknown = Vec::new();
    let sort = word(&params.sort, Sort::from_key).unwrap_or_else(|| {
        unknown.push("We don't know that order, so here is our own.".to_owned());
        Sort::default()
    });
    let band = word(&params.filter, Band::from_key).unwrap_or_else(|| {
        unknown.push("We don't know that price range, so here is every price.".to_owned());
        Band::default()
    });
    let mut products = data::products(database, key)?;
    products.retain(|product| band.holds(product.price_cents));
    order(&mut products, sort);
    Ok(Some(CategoryData {
        title,
        blurb,
        category: key.map(str::to_owned),
        categories: categories.iter().map(Into::into).collect(),
        sort,
        band,
        unknown,
        products,
    }))
}

/// Reads a param: the default where there is none, nothing where it is not understood.
fn word<T: Default>(param: &Option<String>, read: fn(&str) -> Option<T>) -> Option<T> {
    match param.as_deref() {
        None | Some("") => Some(T::default()),
        Some(text) => read(text),
    }
}

fn order(products: &mut [CardData], sort: Sort) {
    match sort {
        Sort::Ours => {}
        Sort::Name => products.sort_by_key(|product| product.name.to_lowercase()),
        Sort::Price => products.sort_by_key(|product| product.price_cents),
        Sort::PriceDown => products.sort_by_key(|product| std::cmp::Reverse(product.price_cents)),
    }
}
