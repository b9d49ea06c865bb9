//! The page of a product.

use std::time::Duration;

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_decide::{Product, ProductPage, ProductProps};
use leptos::prelude::*;
use serde::Deserialize;

use crate::store;

/// A product is the same for all visitors, and changes with a release; its stock is said by a fragment in one of its slots.
const KEPT_FOR: Duration = Duration::from_secs(60);
const UNKNOWN: &str = "No such tractor · Marquetry Tractors";

/// Both are in the page's address; the composer hands them on as params.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    id: String,
    #[serde(default)]
    sku: String,
}

/// Renders the product with the variant that the address names, else with its first.
pub(crate) async fn get_product(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let Params { id, sku } = params;
    let tag = format!("product-{id}");
    let product = database.read(move |db| store::product(db, &id)).await?;
    let shown = product
        .as_ref()
        .and_then(|product| Some((product, product.variant(&sku)?)));
    let (title, description, sku, status) = match shown {
        Some((product, variant)) => (
            product.title(variant),
            product.description.clone(),
            variant.sku.clone(),
            200,
        ),
        None => (UNKNOWN.to_owned(), String::new(), String::new(), 404),
    };
    let props = ProductProps {
        product: product.filter(has_variants),
        sku,
    };
    let fragment = Fragment::leptos(&context, props, |props| view! { <ProductPage props/> }).await;
    let fragment = fragment.kept_for(KEPT_FOR).tag(tag);
    Ok(fragment.title(title).meta("description", description).status(status))
}

fn has_variants(product: &Product) -> bool {
    !product.variants.is_empty()
}
